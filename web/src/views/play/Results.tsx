import { useEffect, useRef, useState } from "preact/hooks";
import { get } from "../../api/client";
import type { Instrument, Model } from "../../api/models";
import { saveAs } from "../../audio/drag";
import { load, nowPlaying } from "../../audio/engine";
import { IconButton } from "../../design/IconButton";
import { MiniWave } from "../../design/MiniWave";
import { clock, several } from "../../design/numbers";
import { Segmented } from "../../design/Tabs";
import { toastError } from "../../state/toasts";
import { toggleUrl, urlOf } from "./audition";
import { farness, ranked, type Made, type Order } from "./rank";
import { sessionOf } from "./session";
import { dragSound, judge, verdictOf, type Verdict } from "./verdict";

const ORDERS = [{ id: "near", label: "Nearest first" }, { id: "far", label: "Farthest first" }, { id: "made", label: "As made" }] as const;

export interface ResultsProps {
  about: Instrument;
  made: readonly Made[];
  onChange: (made: Made) => void;
}

/** A list to go through by ear: arrows move and play, 1 keeps, 0 rejects. */
export function Results({ about, made, onChange }: ResultsProps) {
  const [order, setOrder] = useState<Order>(about.of_recordings ? "made" : "near");
  const [current, setCurrent] = useState("");
  const list = useRef<HTMLDivElement>(null);
  const all = ranked(made, order);
  const here = Math.max(0, all.findIndex((one) => one.id === current));
  if (!made.length) return null;
  const take = (one: Made): void => {
    setCurrent(one.id);
    load(urlOf(one.sound)).then((buffer) => sessionOf(about.name).hold(one, buffer), toastError);
  };
  const say = (one: Made, verdict: Verdict): void => {
    void judge(one, verdictOf(one) === verdict ? null : verdict).then((after) => { if (after) { onChange(after); sessionOf(about.name).changed(after); } });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const one = all[here];
    const to = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: all.length - 1 }[event.key];
    if (to !== undefined) {
      const next = all[Math.min(all.length - 1, Math.max(0, to))];
      if (next) take(next);
      list.current?.querySelector(`[data-id="${next?.id}"]`)?.scrollIntoView({ block: "nearest" });
    } else if (one && event.key === "1") say(one, "star");
    else if (one && event.key === "0") say(one, "reject");
    else if (one && (event.key === "Enter" || event.key === " ")) void toggleUrl(urlOf(one.sound)).catch(toastError);
    else return;
    event.preventDefault();
  };
  const starred = made.filter((one) => one.starred).length;
  return (
    <div class="play-results">
      <div class="t-row" data-wrap>
        <span class="play-results-say">{`${several(made.length, "sound")}${starred ? `, ${starred} kept` : ""}. Arrows move and play, 1 keeps, 0 rejects.`}</span>
        {!about.of_recordings && <Segmented<Order> label="Order" choices={ORDERS} current={order} onChange={setOrder} />}
      </div>
      <div ref={list} class="play-result-list" role="grid" aria-label="Sounds that were made" tabIndex={0} data-own-keys aria-activedescendant={all[here] ? `play-result-${all[here].id}` : undefined} onKeyDown={onKeyDown}>
        {all.map((one) => <Row key={one.id} made={one} isCurrent={one.id === all[here]?.id} onTake={() => take(one)} onSay={(verdict) => say(one, verdict)} />)}
      </div>
    </div>
  );
}

interface RowProps {
  made: Made;
  isCurrent: boolean;
  onTake: () => void;
  onSay: (verdict: Verdict) => void;
}

function Row({ made, isCurrent, onTake, onSay }: RowProps) {
  const peaks = usePeaks(made.sound);
  const verdict = verdictOf(made);
  const plays = nowPlaying.value === urlOf(made.sound);
  const stop = (run: () => void) => (event: MouseEvent): void => { event.stopPropagation(); run(); };
  return (
    <div
      id={`play-result-${made.id}`} class="play-result" role="row" aria-selected={isCurrent} data-id={made.id} data-verdict={verdict ?? undefined} data-playing={plays || undefined} draggable
      onClick={onTake} onDragStart={(event) => dragSound(event, { sound: made.sound, name: made.name })}
    >
      <MiniWave peaks={peaks} normalise />
      <span role="gridcell" class="play-result-name t-clip" title={made.name}>{made.name}{verdict && <span class="t-unseen">{verdict === "star" ? ", kept" : ", rejected"}</span>}</span>
      <span role="gridcell" class="t-soft t-small">{clock(made.duration_s, true)}</span>
      <span role="gridcell" class="play-result-distance t-soft t-small" title={farness(made.distance)}>{typeof made.distance === "number" ? made.distance.toFixed(2) : "…"}</span>
      <span role="gridcell" class="t-row">
        <IconButton icon="star" size="s" skipTab label={`Keep ${made.name}`} pressed={verdict === "star"} filled={verdict === "star"} onClick={stop(() => onSay("star"))} />
        <IconButton icon="reject" size="s" skipTab label={`Reject ${made.name}`} pressed={verdict === "reject"} onClick={stop(() => onSay("reject"))} />
        <IconButton icon="download" size="s" skipTab label={`Download ${made.name}`} onClick={stop(() => saveAs(`${urlOf(made.sound)}?kind=wav&download=true`, `${made.name}.wav`))} />
      </span>
    </div>
  );
}

const known = new Map<string, readonly number[]>();

function usePeaks(sound: string): readonly number[] {
  const [peaks, setPeaks] = useState<readonly number[]>(known.get(sound) ?? []);
  useEffect(() => {
    if (known.has(sound)) return;
    get<Model<"Peaks">>(`/api/sounds/${sound}/peaks`, { query: { count: 60 } }).then((told) => {
      known.set(sound, told.peaks);
      setPeaks(told.peaks);
    }, () => undefined);
  }, [sound]);
  return peaks;
}
