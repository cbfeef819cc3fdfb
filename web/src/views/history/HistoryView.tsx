import { useEffect, useRef, useState } from "preact/hooks";
import { play } from "../../audio/engine";
import { EmptyState } from "../../design/EmptyState";
import { Button } from "../../design/Button";
import { IconButton } from "../../design/IconButton";
import { several } from "../../design/numbers";
import { Segmented } from "../../design/Tabs";
import { Select } from "../../design/Select";
import { TextField } from "../../design/Field";
import { ViewFrame } from "../../design/ViewFrame";
import { go } from "../../state/route";
import { useShortcuts } from "../../state/shortcuts";
import { remember, remembered } from "../../state/storage";
import { toastError } from "../../state/toasts";
import { changes } from "../../state/workspace";
import { Chosen } from "./Chosen";
import { deleteSoon } from "./deleting";
import { Details } from "./Details";
import { altered, current, isEcho, judge, page, query, selected, urlOf, type Only, type Order, type Query } from "./list";
import { MadeTable } from "./MadeTable";
import "./history.css";

const ONLY = [{ id: "all", label: "All" }, { id: "kept", label: "Not rejected" }, { id: "starred", label: "Kept" }, { id: "rejected", label: "Rejected" }] as const;
const ORDERS = [{ value: "newest", label: "Newest first" }, { value: "name", label: "By name" }, { value: "duration", label: "Shortest first" }, { value: "distance", label: "Nearest to the library" }] as const;

/** Everything that was made: to be heard again, named, and taken away. */
export function HistoryView() {
  const { total, version } = useTotal(query.value);
  const [plays, setPlays] = useState(remembered("history.plays") !== "no");
  const made = current.value;
  const hear = (): void => { if (made) void play(urlOf(made.sound), { solo: true }).catch(toastError); };
  useShortcuts("History", [
    { keys: "1", says: "Keep the sound in hand", run: () => { if (made) void judge(made, "star"); } },
    { keys: "0", says: "Reject it", run: () => { if (made) void judge(made, "reject"); } },
    { keys: "p", says: "Play it again", run: hear },
    { keys: "delete", says: "Delete it, or those that are chosen", run: () => deleteSoon(selected.value.size ? [...selected.value] : made ? [made.id] : [], made?.name ?? "") },
  ]);
  const isBare = total === 0 && !query.value.words && query.value.only === "all";
  return (
    <ViewFrame
      title="Take away" fill lead={total === null ? "" : several(total, "sound")}
      actions={<Find />} side={isBare ? undefined : <Details />}
    >
      {isBare ? <Nothing /> : (
        <div class="hist-list">
          <div class="hist-bar">
            <Chosen total={total ?? 0} />
            <IconButton icon="volume" label={plays ? "Plays while you move through the list" : "Silent while you move through the list"} pressed={plays} onClick={() => { setPlays(!plays); remember("history.plays", plays ? "no" : "yes"); }} />
          </div>
          <MadeTable total={total ?? 0} version={version} playsOnFocus={plays} />
        </div>
      )}
    </ViewFrame>
  );
}

function Nothing() {
  return (
    <EmptyState icon="history" title="Nothing was made yet" actions={<><Button kind="go" icon="keys" onClick={() => go("play")}>Play</Button><Button icon="map" onClick={() => go("map")}>Explore the map</Button></>}>
      Every sound that you make is kept here, with all that is needed to make it again: to name, to pack, and to take into your music.
    </EmptyState>
  );
}

function Find() {
  const [words, setWords] = useState(query.value.words);
  useEffect(() => {
    const timer = setTimeout(() => { if (words !== query.value.words) query.value = { ...query.value, words }; }, 150);
    return () => clearTimeout(timer);
  }, [words]);
  return (
    <>
      <div class="hist-words"><TextField label="Words: names, instruments, labels" hideLabel type="search" placeholder="Names, instruments, labels" value={words} onInput={setWords} /></div>
      <Segmented<Only> label="Which" choices={ONLY} current={query.value.only} onChange={(only) => { query.value = { ...query.value, only }; }} />
      <div class="hist-order"><Select<Order> label="Order" hideLabel value={query.value.order} options={ORDERS} onChange={(order) => { query.value = { ...query.value, order }; }} /></div>
    </>
  );
}

/** How many sounds a query finds; the version grows when the rows must be asked for anew. */
function useTotal(asked: Query): { total: number | null; version: number } {
  const [state, setState] = useState<{ total: number | null; version: number }>({ total: null, version: 0 });
  const news = changes.made.value;
  const first = useRef(news);
  useEffect(() => {
    const isNews = news !== first.current;
    first.current = news;
    if (isNews && isEcho()) return undefined;
    const aborter = new AbortController();
    const timer = setTimeout(() => {
      page(asked, 0, 1, aborter.signal).then(({ total }) => {
        altered.value = new Map();
        setState((now) => ({ total, version: now.version + 1 }));
      }, toastError);
    }, isNews ? 400 : 0);
    return () => { clearTimeout(timer); aborter.abort(); };
  }, [asked, news]);
  return state;
}
