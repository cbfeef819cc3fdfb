import { useEffect, useState } from "preact/hooks";
import { get, wasAborted } from "../../api/client";
import type { Instrument, Model } from "../../api/models";
import { Button } from "../../design/Button";
import { Dialog } from "../../design/Dialog";
import { Thrown } from "../../design/ErrorNote";
import { TextField } from "../../design/Field";
import { IconButton } from "../../design/IconButton";
import { clock } from "../../design/numbers";
import { Segmented } from "../../design/Tabs";
import { toastError } from "../../state/toasts";
import { nowPlaying } from "../../audio/engine";
import { toggleUrl, urlOf } from "./audition";
import { freshSound } from "./making";
import type { Pad } from "./pattern";
import { sessionOf } from "./session";

type From = "made" | "library";

export interface ChooseSoundProps {
  title: string;
  instrument: Instrument;
  onChoose: (sound: Pad) => void;
  onClose: () => void;
}

/** A sound of the history, of the library, the one in hand, or a new one. */
export function ChooseSound({ title, instrument, onChoose, onClose }: ChooseSoundProps) {
  const [from, setFrom] = useState<From>("made");
  const [words, setWords] = useState("");
  const [busy, setBusy] = useState(false);
  const session = sessionOf(instrument.name);
  const heard = session.heard.value;
  const fresh = (): void => {
    setBusy(true);
    freshSound(instrument.name, session.take).then(onChoose, toastError).finally(() => setBusy(false));
  };
  return (
    <Dialog
      open title={title} onClose={onClose}
      actions={
        <>
          {heard && <Button onClick={() => onChoose({ sound: heard.made.sound, name: heard.made.name })}>The sound in hand</Button>}
          <Button kind="go" icon="dice" busy={busy} onClick={fresh}>A new sound</Button>
        </>
      }
    >
      <div class="t-stack play-choose">
        <div class="t-row" data-wrap>
          <Segmented<From> label="Where from" current={from} choices={[{ id: "made", label: "History" }, { id: "library", label: "Library" }]} onChange={setFrom} />
          <div class="t-grow"><TextField label="Words in the name" hideLabel type="search" placeholder="Words in the name" value={words} onInput={setWords} /></div>
        </div>
        <Found from={from} words={words} onChoose={onChoose} />
      </div>
    </Dialog>
  );
}

interface Row extends Pad {
  detail: string;
}

function Found({ from, words, onChoose }: { from: From; words: string; onChoose: (sound: Pad) => void }) {
  const [rows, setRows] = useState<readonly Row[] | null>(null);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    const aborter = new AbortController();
    const timer = setTimeout(() => {
      find(from, words, aborter.signal).then((found) => { setRows(found); setError(null); }, (thrown) => { if (!wasAborted(thrown)) setError(thrown); });
    }, 120);
    return () => { clearTimeout(timer); aborter.abort(); };
  }, [from, words]);
  if (error) return <Thrown error={error} />;
  if (rows?.length === 0) return <p class="t-soft play-choose-list">{words ? "Nothing has these words in its name." : from === "made" ? "Nothing was made yet." : "The library is empty. Bring sounds in under Library."}</p>;
  return (
    <ul class="play-choose-list" aria-label="Sounds" aria-busy={rows === null}>
      {rows?.map((row) => {
        const url = urlOf(row.sound);
        const plays = nowPlaying.value === url;
        return (
          <li key={row.sound} class="play-choose-row">
            <IconButton icon={plays ? "stop" : "play"} size="s" label={plays ? `Stop ${row.name}` : `Play ${row.name}`} onClick={() => void toggleUrl(url).catch(toastError)} />
            <span class="t-grow t-clip" title={row.name}>{row.name}</span>
            <span class="t-soft t-small">{row.detail}</span>
            <Button size="s" title={`Choose ${row.name}`} onClick={() => onChoose({ sound: row.sound, name: row.name })}>Choose</Button>
          </li>
        );
      })}
    </ul>
  );
}

async function find(from: From, words: string, signal: AbortSignal): Promise<Row[]> {
  const count = 60;
  if (from === "made") {
    const { made } = await get<Model<"MadeSounds">>("/api/made", { query: { words, count, only: "kept" }, signal });
    return made.map((one) => ({ sound: one.sound, name: one.name, detail: clock(one.duration_s, true) }));
  }
  const { sounds } = await get<Model<"LibrarySounds">>("/api/library/sounds", { query: { words, count }, signal });
  return sounds.map((one) => ({ sound: one.sound, name: one.name, detail: [one.label, clock(one.duration_s, true)].filter(Boolean).join(", ") }));
}
