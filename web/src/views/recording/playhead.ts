/** A line that goes with what is heard, in any number of lanes. */

import { useEffect, useRef } from "preact/hooks";
import { deck, setView, total, view } from "./session";
import { following, placeOf } from "./viewport";

const shown = new Set<(seconds: number) => void>();
let frame = 0;
let told = NaN;

function beat(): void {
  frame = requestAnimationFrame(beat);
  const at = deck.position();
  if (deck.playing.value && !deck.loop.value) {
    const next = following(view.value, at, total.value);
    if (next !== view.value) setView(next);
  }
  const word = at + view.value.from * 1e3 + view.value.to * 1e6;
  if (word === told) return;
  told = word;
  for (const show of shown) show(at);
}

/** Calls back whenever the moment that is heard, or the stretch in sight, is another. */
export function useMoment(show: (seconds: number) => void): void {
  const latest = useRef(show);
  latest.current = show;
  useEffect(() => {
    const own = (seconds: number): void => latest.current(seconds);
    shown.add(own);
    told = NaN;
    if (shown.size === 1) frame = requestAnimationFrame(beat);
    return () => {
      shown.delete(own);
      if (!shown.size) cancelAnimationFrame(frame);
    };
  }, []);
}

/** Where the line stands in a lane, in percent; out of sight beyond its edges. */
export function percentAt(seconds: number): number {
  return placeOf(seconds, view.value) * 100;
}
