import { useRef } from "preact/hooks";
import { IconButton } from "../../design/IconButton";
import { Segmented } from "../../design/Tabs";
import { Toggle } from "../../design/Toggle";
import { useShortcuts } from "../../state/shortcuts";
import { shifted, without } from "./holes";
import { useMoment } from "./playhead";
import { chosenHole, deck, holes, mode, setView, showsCopies, showsRejected, targetTrack, total, tracks, view, type Mode } from "./session";
import { judge } from "./TrackRow";
import { lengthOf, stamp, zoomed } from "./viewport";

const MODES: readonly { id: Mode; label: string }[] = [
  { id: "play", label: "Play" },
  { id: "hole", label: "Hole" },
  { id: "loop", label: "Loop" },
];

export const zoom = (times: number): void => {
  const at = deck.position();
  const { from, to } = view.value;
  setView(zoomed(view.value, times, at >= from && at <= to ? at : (from + to) / 2, total.value));
};

/** Plays, loops, zooms; what a drag over a waveform does. */
export function Transport() {
  const playing = deck.playing.value;
  const hasProposals = tracks.value.some((one) => one.made);
  const loop = deck.loop.value;
  return (
    <div class="rec-transport" role="toolbar" aria-label="Playing and zoom">
      <IconButton icon={playing ? "pause" : "play"} kind="go" label={playing ? "Pause" : "Play"} keys="space" onClick={play} />
      <IconButton icon="loop" label={loop ? "Play on without the loop" : "Loop what is in sight, or the chosen hole"} keys="l" pressed={loop !== null} onClick={toggleLoop} />
      <Clock />
      <Segmented label="What a drag does" choices={MODES} current={mode.value} onChange={(id) => { mode.value = id; }} />
      <span class="t-grow" />
      {hasProposals && <Toggle label="Copy map" checked={showsCopies.value} onChange={(on) => { showsCopies.value = on; }} />}
      {hasProposals && <Toggle label="Rejected" checked={showsRejected.value} onChange={(on) => { showsRejected.value = on; }} />}
      <div class="t-row rec-zoom">
        <IconButton icon="minus" size="s" label="Zoom out" keys="-" onClick={() => zoom(1 / 2)} />
        <IconButton icon="plus" size="s" label="Zoom in" keys="+" onClick={() => zoom(2)} />
        <IconButton icon="fit" size="s" label="Show all" keys="f" onClick={() => setView(null)} />
      </div>
    </div>
  );
}

function Clock() {
  const box = useRef<HTMLSpanElement>(null);
  useMoment((seconds) => { if (box.current) box.current.textContent = stamp(seconds, 0.01); });
  return <span class="rec-clock"><span ref={box} /><span class="rec-clock-total"> / {stamp(total.value, 0.1)}</span></span>;
}

function play(): void {
  if (!deck.heard.value) deck.heard.value = tracks.value[0]?.url ?? "";
  deck.toggle();
}

/** The chosen hole with a second around it; else what is in sight, where that is not all. */
function toggleLoop(): void {
  if (deck.loop.value) return deck.setLoop(null);
  const chosen = holes.value[chosenHole.value];
  const whole = total.value;
  deck.setLoop(chosen ? { from: Math.max(0, chosen.from - 1), to: Math.min(whole, chosen.to + 1) } : view.value);
}

const heardPlace = (): number => Math.max(0, tracks.value.findIndex((one) => one.url === deck.heard.value));

function hear(place: number): void {
  const track = tracks.value[place];
  if (track) void deck.play(track.url);
}

function addHole(): void {
  const track = targetTrack.value;
  if (!track) return;
  const at = Math.min(deck.position(), track.duration_s - 0.5);
  const length = Math.min(1, lengthOf(view.value) / 5);
  holes.value = [...holes.value, shifted({ from: 0, to: length }, Math.max(0, at), track.duration_s)];
  chosenHole.value = holes.value.length - 1;
}

function judgeHeard(change: "star" | "reject"): void {
  const made = tracks.value[heardPlace()]?.made;
  if (!made) return;
  void judge(made, change === "star" ? { starred: !made.starred, rejected: false } : { rejected: !made.rejected, starred: false });
}

/** The keys of the view. */
export function useRecordingKeys(): void {
  const seek = (by: number): void => deck.seek(Math.min(total.value, Math.max(0, deck.position() + by)));
  const numbers = Array.from({ length: 10 }, (_, place) => ({ keys: String(place), says: place === 0 ? "Hear the recording; 1 to 9 the lanes below it" : `Hear lane ${place}`, quiet: place > 0, run: () => hear(place) }));
  useShortcuts("Recording", [
    { keys: "space", says: "Play or pause", run: play },
    { keys: "arrowdown", says: "Hear the next lane, at the same moment", run: () => hear(Math.min(tracks.value.length - 1, heardPlace() + 1)) },
    { keys: "arrowup", says: "Hear the lane before", run: () => hear(Math.max(0, heardPlace() - 1)) },
    { keys: "arrowleft", says: "A second back", run: () => seek(-1) },
    { keys: "arrowright", says: "A second on", run: () => seek(1) },
    { keys: "home", says: "To the beginning", run: () => deck.seek(0) },
    { keys: "l", says: "Loop", run: toggleLoop },
    { keys: "h", says: "A hole where it plays", run: addHole },
    { keys: "delete", says: "Remove the chosen hole", run: () => { if (chosenHole.value >= 0) holes.value = without(holes.value, chosenHole.value); chosenHole.value = -1; } },
    { keys: "s", says: "Keep the proposal that is heard", run: () => judgeHeard("star") },
    { keys: "x", says: "Reject it", run: () => judgeHeard("reject") },
    { keys: "+", says: "Zoom in", run: () => zoom(2) },
    { keys: "-", says: "Zoom out", run: () => zoom(1 / 2) },
    { keys: "f", says: "Show all", run: () => setView(null) },
    ...numbers,
  ]);
}
