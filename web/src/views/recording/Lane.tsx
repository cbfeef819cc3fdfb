import { useRef } from "preact/hooks";
import { deck, chosenHole, holes, mode, setView, showsCopies, copies, recordings, targetTrack, total, view, type Track } from "./session";
import { hole } from "./holes";
import { HoleBoxes } from "./HoleBoxes";
import { boxOf, momentOf } from "./place";
import { percentAt, useMoment } from "./playhead";
import { Wave } from "./Wave";
import { lengthOf, moved, zoomed } from "./viewport";

const LEAST_DRAG_PX = 4;

/** A lane of sound: a click plays from there, a drag draws a hole or a loop, a wheel with Ctrl zooms. */
export function Lane({ track }: { track: Track }) {
  const box = useRef<HTMLDivElement>(null);
  const span = view.value;
  const isTarget = targetTrack.value === track;
  const found = copies.value.get(track.sound);
  const gesture = useDrag(box, track, isTarget);
  return (
    <div ref={box} class="rec-lane" data-mode={mode.value === "hole" && !isTarget ? "play" : mode.value} {...gesture} onWheel={(event) => wheel(event, box.current)}>
      <Wave
        sound={track.sound} url={track.url} duration={track.duration_s} span={span} isHeard={deck.heard.value === track.url}
        copies={showsCopies.value && found && found !== "none" ? found : null} scale={recordings.value[0]?.duration_s ?? 1} isScale={showsCopies.value && track.kind === "recording"}
      />
      <LoopBox />
      {isTarget && <HoleBoxes total={track.duration_s} box={box} />}
      <Head />
    </div>
  );
}

function Head() {
  const line = useRef<HTMLSpanElement>(null);
  useMoment((seconds) => {
    const place = percentAt(seconds);
    if (!line.current) return;
    line.current.style.left = `${place}%`;
    line.current.hidden = place < 0 || place > 100;
  });
  return <span ref={line} class="rec-head" aria-hidden="true" />;
}

function LoopBox() {
  const loop = deck.loop.value;
  return loop && <span class="rec-loop" style={boxOf(loop)} aria-hidden="true" />;
}

function useDrag(box: { current: HTMLDivElement | null }, track: Track, isTarget: boolean) {
  const start = useRef<{ x: number; at: number; draws: "hole" | "loop" | null; index: number } | null>(null);
  const onPointerDown = (event: PointerEvent): void => {
    if (event.button !== 0 || (event.target as Element).closest("[data-hole]")) return;
    const drawsHole = mode.value === "hole" && isTarget && !event.shiftKey;
    start.current = { x: event.clientX, at: momentOf(event, box.current), draws: drawsHole ? "hole" : mode.value === "loop" || event.shiftKey || event.pointerType === "mouse" ? "loop" : null, index: -1 };
    box.current?.setPointerCapture(event.pointerId);
  };
  const onPointerMove = (event: PointerEvent): void => {
    const own = start.current;
    if (!own?.draws || (own.index < 0 && Math.abs(event.clientX - own.x) < LEAST_DRAG_PX)) return;
    const span = hole(own.at, momentOf(event, box.current), own.draws === "hole" ? track.duration_s : total.value);
    if (own.draws === "loop") deck.loop.value = span;
    else if (own.index < 0) holes.value = [...holes.value, span];
    else holes.value = holes.value.map((one, at) => (at === own.index ? span : one));
    if (own.index < 0) own.index = own.draws === "hole" ? holes.value.length - 1 : 0;
    if (own.draws === "hole") chosenHole.value = own.index;
  };
  const onPointerUp = (event: PointerEvent): void => {
    const own = start.current;
    start.current = null;
    if (!own) return;
    if (own.index < 0) clicked(track, own.at, event);
    else if (own.draws === "loop") deck.setLoop(deck.loop.value);
  };
  return { onPointerDown, onPointerMove, onPointerUp, onPointerCancel: () => { start.current = null; } };
}

/** A click beside a loop ends the loop, as in other editors; then it plays from there. */
function clicked(track: Track, at: number, event: PointerEvent): void {
  const loop = deck.loop.value;
  if (loop && (at < loop.from || at > loop.to) && !event.shiftKey) deck.loop.value = null;
  chosenHole.value = -1;
  void deck.play(track.url, Math.max(0, Math.min(at, track.duration_s - 0.01)));
}

function wheel(event: WheelEvent, box: HTMLElement | null): void {
  const isZoom = event.ctrlKey || event.metaKey;
  const across = event.shiftKey ? event.deltaY : event.deltaX;
  if (!isZoom && Math.abs(across) <= (event.shiftKey ? 0 : Math.abs(event.deltaY))) return;
  event.preventDefault();
  if (isZoom) setView(zoomed(view.value, 2 ** (-event.deltaY / 200), momentOf(event, box), total.value));
  else setView(moved(view.value, (across / 800) * lengthOf(view.value), total.value));
}
