import { useState } from "preact/hooks";
import type { DroppedFile } from "../../design/dropped";
import { Button } from "../../design/Button";
import { DropZone } from "../../design/DropZone";
import { IconButton } from "../../design/IconButton";
import { NumberField } from "../../design/NumberField";
import { Progress } from "../../design/Progress";
import { several } from "../../design/numbers";
import { nowPlaying } from "../../audio/engine";
import { toast, toastError } from "../../state/toasts";
import { state } from "../../state/workspace";
import { bring } from "../hearing/bring";
import { SoundPicker } from "../hearing/SoundPicker";
import { hearOrStop, keyOf } from "../sounds/hear";
import { length } from "../sounds/words";
import { MOST_SOURCES, type Source } from "./draft";
import { draft, setDraft } from "./store";

/** What it learns from: the library, told in a line. */
export function FromLibrary() {
  const library = state.value?.library;
  if (!library) return <p>The library is empty. <a href="#/library">Add sounds in Library</a> first.</p>;
  const labels = Object.entries(library.labels).filter(([label]) => label).length;
  return (
    <p>
      It learns from all {several(library.count, "sound")} of the library{labels > 1 ? ` with ${several(labels, "label")}` : ""}: {library.hours < 1 ? `${Math.round(library.hours * 60)} minutes` : `${library.hours.toFixed(1)} hours`} in
      all. A tenth is kept apart to judge it by.
    </p>
  );
}

/** What it learns from: one or a few recordings, with the parts that it must not hear. */
export function FromRecordings() {
  const [isPicking, setPicking] = useState(false);
  const [sent, setSent] = useState<number | null>(null);
  const { sources } = draft.value;
  const take = (more: readonly Source[]): void => setDraft({ sources: [...sources, ...more.filter((one) => !sources.some((other) => other.sound === one.sound))].slice(0, MOST_SOURCES) });
  const drop = async (files: DroppedFile[]): Promise<void> => {
    setSent(0);
    try {
      const { sounds, refused } = await bring(files, setSent);
      take(sounds);
      for (const text of refused.slice(0, 3)) toast(`Not taken: ${text}`, { kind: "bad" });
    } catch (thrown) {
      toastError(thrown);
    }
    setSent(null);
  };
  return (
    <div class="t-stack">
      {sources.length > 0 && <ul class="train-sources" aria-label="Recordings to learn from">{sources.map((one) => <SourceRow key={one.sound} source={one} />)}</ul>}
      {sent !== null ? <Progress label="Bringing the files" done={sent} total={1} /> : (
        <DropZone compact label={sources.length ? "Add another recording" : "Drop a recording"} hint="Ten seconds to ten minutes are best; several should be of one kind." onFiles={(files) => void drop(files)} />
      )}
      {state.value?.library && <div><Button icon="library" onClick={() => setPicking(true)}>Choose from the library</Button></div>}
      <SoundPicker open={isPicking} title="Recordings of the library" most={MOST_SOURCES} longestFirst chosen={sources.filter((one) => one.sound.startsWith("library:"))} onDone={(all) => setDraft({ sources: [...sources.filter((one) => !one.sound.startsWith("library:")), ...all] })} onClose={() => setPicking(false)} />
      <Holes />
    </div>
  );
}

function SourceRow({ source }: { source: Source }) {
  const plays = nowPlaying.value === keyOf(source.sound);
  const remove = (): void => setDraft({ sources: draft.value.sources.filter((one) => one.sound !== source.sound) });
  return (
    <li class="train-source">
      <IconButton icon={plays ? "stop" : "play"} size="s" label={plays ? `Stop ${source.name}` : `Play ${source.name}`} onClick={() => void hearOrStop(source.sound, source.duration_s)} />
      <span class="t-grow t-clip" title={source.name}>{source.name}</span>
      <span class="t-soft t-small">{length(source.duration_s)}</span>
      <IconButton icon="close" size="s" label={`Do not learn from ${source.name}`} onClick={remove} />
    </li>
  );
}

/** Parts of the first recording that are not learned, to be filled later as if they had never been heard. */
function Holes() {
  const { holes, sources } = draft.value;
  const longest = sources[0]?.duration_s ?? 36_000;
  const put = (at: number, change: Partial<{ from: number; to: number }>): void => setDraft({ holes: holes.map((hole, place) => (place === at ? { ...hole, ...change } : hole)) });
  return (
    <div class="t-stack">
      {holes.map((hole, at) => (
        <div key={at} class="t-row train-hole" role="group" aria-label={`Hole ${at + 1}`}>
          <NumberField label="From" inline unit="s" min={0} max={longest} step={0.05} value={hole.from} onChange={(from) => put(at, { from })} />
          <NumberField label="to" inline unit="s" min={0} max={longest} step={0.05} value={hole.to} onChange={(to) => put(at, { to })} />
          <IconButton icon="close" size="s" label={`Remove hole ${at + 1}`} onClick={() => setDraft({ holes: holes.filter((_, place) => place !== at) })} />
        </div>
      ))}
      <div class="t-row" data-wrap>
        <Button size="s" kind="quiet" icon="plus" disabled={!sources.length || holes.length >= 64} onClick={() => setDraft({ holes: [...holes, { from: 0, to: Math.min(1, longest) }] })}>Add a hole</Button>
        <span class="t-hint t-grow">Parts that are damaged or unwanted: they are not learned, and can be filled afterwards in Recording.</span>
      </div>
    </div>
  );
}
