import { useEffect, useRef, useState } from "preact/hooks";
import { setView, total, view } from "./session";
import { lengthOf, placeOf, stamp, ticks, within } from "./viewport";

const PX_A_TICK = 70;

/** Moments above the lanes, and below them what part of the whole is in sight. */
export function Ruler() {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(800);
  useEffect(() => {
    const watcher = new ResizeObserver(([entry]) => setWidth(entry?.contentRect.width ?? 800));
    if (box.current) watcher.observe(box.current);
    return () => watcher.disconnect();
  }, []);
  const all = ticks(view.value, Math.max(2, width / PX_A_TICK));
  const step = (all[1] ?? 1) - (all[0] ?? 0);
  return (
    <div class="rec-ruler" aria-hidden="true">
      <div ref={box} class="rec-ticks">{all.map((at) => <span key={at} style={{ left: `${placeOf(at, view.value) * 100}%` }}>{stamp(at, step)}</span>)}</div>
    </div>
  );
}

/** A bar for the part of the whole that is in sight; it can be dragged. */
export function Overview() {
  const bar = useRef<HTMLDivElement>(null);
  const grab = useRef<number | null>(null);
  const { from, to } = view.value;
  const whole = total.value;
  const at = (event: PointerEvent): number => {
    const { left, width } = bar.current?.getBoundingClientRect() ?? { left: 0, width: 1 };
    return ((event.clientX - left) / Math.max(1, width)) * whole;
  };
  const move = (event: PointerEvent): void => {
    if (grab.current === null) return;
    const begin = at(event) - grab.current;
    setView(within({ from: begin, to: begin + lengthOf(view.value) }, whole));
  };
  const down = (event: PointerEvent): void => {
    const here = at(event);
    grab.current = here >= from && here <= to ? here - from : lengthOf(view.value) / 2;
    bar.current?.setPointerCapture(event.pointerId);
    move(event);
  };
  return (
    <div ref={bar} class="rec-overview" aria-hidden="true" onPointerDown={down} onPointerMove={move} onPointerUp={() => { grab.current = null; }} onPointerCancel={() => { grab.current = null; }}>
      <span style={{ left: `${(from / whole) * 100}%`, width: `${((to - from) / whole) * 100}%` }} />
    </div>
  );
}
