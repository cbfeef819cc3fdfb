import { useEffect, useState } from "preact/hooks";
import { get } from "../../api/client";
import type { LibrarySound, LibrarySounds } from "../../api/types";
import { Button } from "../../design/Button";
import { Dialog } from "../../design/Dialog";
import { Thrown } from "../../design/ErrorNote";
import { TextField } from "../../design/Field";
import { IconButton } from "../../design/IconButton";
import { several } from "../../design/numbers";
import { Select } from "../../design/Select";
import { nowPlaying } from "../../audio/engine";
import { state } from "../../state/workspace";
import { hearOrStop, keyOf } from "../sounds/hear";
import { length } from "../sounds/words";
import "./hearing.css";

/** A sound that was chosen, from wherever. */
export interface Chosen {
  sound: string;
  name: string;
  duration_s: number;
}

export interface SoundPickerProps {
  open: boolean;
  title: string;
  /** How many may be chosen at most. */
  most: number;
  chosen: readonly Chosen[];
  /** The longest first, for recordings; by name otherwise. */
  longestFirst?: boolean | undefined;
  onDone: (chosen: readonly Chosen[]) => void;
  onClose: () => void;
}

const ROWS = 200;

/** Chooses sounds of the library: search, hear, tick. */
export function SoundPicker(props: SoundPickerProps) {
  const [picked, setPicked] = useState<readonly Chosen[]>(props.chosen);
  useEffect(() => { if (props.open) setPicked(props.chosen); }, [props.open]);
  const toggle = (row: LibrarySound): void => {
    const without = picked.filter((one) => one.sound !== row.sound);
    setPicked(without.length < picked.length ? without : [...picked, { sound: row.sound, name: row.name, duration_s: row.duration_s }].slice(-props.most));
  };
  const actions = (
    <>
      <span class="t-grow t-soft">{several(picked.length, "sound")} chosen{props.most > 1 ? `, ${props.most} at most` : ""}</span>
      <Button kind="quiet" onClick={() => setPicked([])} disabled={!picked.length}>None</Button>
      <Button kind="go" onClick={() => { props.onDone(picked); props.onClose(); }}>Take {picked.length === 1 ? "it" : "them"}</Button>
    </>
  );
  return (
    <Dialog open={props.open} title={props.title} wide onClose={props.onClose} actions={actions}>
      <Finder picked={picked} onToggle={toggle} longestFirst={props.longestFirst ?? false} />
    </Dialog>
  );
}

function Finder({ picked, onToggle, longestFirst }: { picked: readonly Chosen[]; onToggle: (row: LibrarySound) => void; longestFirst: boolean }) {
  const [words, setWords] = useState("");
  const [label, setLabel] = useState("*");
  const [found, setFound] = useState<LibrarySounds | null>(null);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    const aborter = new AbortController();
    const order = longestFirst ? { order: "duration_s", down: true } : { order: "name" };
    const query = { words, label: label === "*" ? undefined : label, count: ROWS, ...order };
    const timer = setTimeout(() => {
      get<LibrarySounds>("/api/library/sounds", { query, signal: aborter.signal }).then((answer) => { setFound(answer); setError(null); }, (thrown) => { if (!aborter.signal.aborted) setError(thrown); });
    }, found ? 180 : 0);
    return () => { clearTimeout(timer); aborter.abort(); };
  }, [words, label, longestFirst]);
  const labels = Object.keys(state.value?.library?.labels ?? {});
  const options = [{ value: "*", label: "All labels" }, ...labels.map((one) => ({ value: one, label: one || "no label" }))];
  return (
    <div class="t-stack">
      <div class="hear-find">
        <TextField label="Search" hideLabel type="search" placeholder="Search by name" value={words} onInput={setWords} />
        <Select label="Label" hideLabel value={label} options={options} onChange={setLabel} />
      </div>
      {error !== null && <Thrown error={error} />}
      <ul class="hear-rows" aria-label="Sounds of the library">
        {found?.sounds.map((row) => <Row key={row.sound} row={row} isPicked={picked.some((one) => one.sound === row.sound)} onToggle={() => onToggle(row)} />)}
      </ul>
      <p class="t-hint" role="status">{found ? tellFound(found) : " "}</p>
    </div>
  );
}

const tellFound = (found: LibrarySounds): string =>
  found.total > found.sounds.length ? `The first ${found.sounds.length} of ${several(found.total, "sound")}; search to see others.` : `${several(found.total, "sound")} found.`;

function Row({ row, isPicked, onToggle }: { row: LibrarySound; isPicked: boolean; onToggle: () => void }) {
  const plays = nowPlaying.value === keyOf(row.sound);
  return (
    <li class="hear-row" data-picked={isPicked || undefined}>
      <IconButton icon={plays ? "stop" : "play"} size="s" label={plays ? `Stop ${row.name}` : `Play ${row.name}`} onClick={() => void hearOrStop(row.sound, row.duration_s)} />
      <label class="hear-row-label">
        <input type="checkbox" class="t-check" checked={isPicked} onChange={onToggle} />
        <span class="t-clip" title={row.name}>{row.name}</span>
        <span class="t-soft t-small t-clip">{row.label}</span>
        <span class="t-soft t-small t-number">{length(row.duration_s)}</span>
      </label>
    </li>
  );
}
