import { useRef } from "preact/hooks";
import { resized, shifted, withHole, without } from "./holes";
import { boxOf, momentOf } from "./place";
import { chosenHole, holes } from "./session";
import { stamp, type Span } from "./viewport";

export interface HoleBoxesProps {
  total: number;
  box: { current: HTMLDivElement | null };
}

/** The holes over a waveform: moved by their middle, resized by their edges, by pointer or by arrow keys. */
export function HoleBoxes({ total, box }: HoleBoxesProps) {
  return <>{holes.value.map((one, at) => <HoleBox key={at} hole={one} at={at} total={total} box={box} />)}</>;
}

const STEP_S = 0.01;

function HoleBox({ hole, at, total, box }: HoleBoxesProps & { hole: Span; at: number }) {
  const drag = useRef<{ from: number; before: Span; edge: keyof Span | null } | null>(null);
  const put = (changed: Span): void => { holes.value = withHole(holes.value, at, changed); };
  const grab = (event: PointerEvent, edge: keyof Span | null): void => {
    if (event.button !== 0) return;
    event.stopPropagation();
    chosenHole.value = at;
    drag.current = { from: momentOf(event, box.current), before: hole, edge };
    (event.currentTarget as Element).setPointerCapture(event.pointerId);
  };
  const pull = (event: PointerEvent): void => {
    const own = drag.current;
    if (!own) return;
    event.stopPropagation();
    const now = momentOf(event, box.current);
    put(own.edge ? resized(own.before, own.edge, own.before[own.edge] + now - own.from, total) : shifted(own.before, now - own.from, total));
  };
  const drop = (event: PointerEvent): void => {
    if (drag.current) event.stopPropagation();
    drag.current = null;
  };
  const nudge = (event: KeyboardEvent, edge: keyof Span | null): void => {
    const by = { ArrowLeft: -STEP_S, ArrowRight: STEP_S, ArrowDown: -STEP_S, ArrowUp: STEP_S }[event.key];
    if (event.key === "Delete" || event.key === "Backspace") holes.value = without(holes.value, at);
    else if (by === undefined) return;
    else {
      const way = event.shiftKey ? by * 10 : by;
      put(edge ? resized(hole, edge, hole[edge] + way, total) : shifted(hole, way, total));
    }
    event.preventDefault();
    event.stopPropagation();
  };
  const shared = (edge: keyof Span | null) => ({
    onPointerDown: (event: PointerEvent) => grab(event, edge), onPointerMove: pull, onPointerUp: drop, onPointerCancel: drop, onKeyDown: (event: KeyboardEvent) => nudge(event, edge),
  });
  return (
    <div class="rec-hole" data-hole data-chosen={chosenHole.value === at || undefined} style={boxOf(hole)}>
      <div class="rec-hole-body" role="slider" tabIndex={0} data-own-keys aria-label={`Hole ${at + 1}`} aria-valuemin={0} aria-valuemax={total} aria-valuenow={hole.from} aria-valuetext={`from ${stamp(hole.from, 0.01)} to ${stamp(hole.to, 0.01)}`} onFocus={() => { chosenHole.value = at; }} {...shared(null)} />
      {(["from", "to"] as const).map((edge) => (
        <div
          key={edge} class="rec-hole-edge" data-edge={edge} role="slider" tabIndex={0} data-own-keys aria-label={`Hole ${at + 1}, ${edge === "from" ? "beginning" : "end"}`}
          aria-valuemin={0} aria-valuemax={total} aria-valuenow={hole[edge]} aria-valuetext={`${hole[edge].toFixed(2)} s`} {...shared(edge)}
        />
      ))}
    </div>
  );
}
