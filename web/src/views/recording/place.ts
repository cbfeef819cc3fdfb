/** Where times are on the lanes, and which time a pointer is at. */

import { view } from "./session";
import { placeOf, timeAt, type Span } from "./viewport";

/** A stretch as a box in percent of what is in sight. */
export function boxOf(one: Span): { left: string; width: string } {
  const [from, to] = [placeOf(one.from, view.value), placeOf(one.to, view.value)];
  return { left: `${from * 100}%`, width: `${(to - from) * 100}%` };
}

/** The moment below a pointer. */
export function momentOf(event: { clientX: number }, box: HTMLElement | null): number {
  const { left, width } = box?.getBoundingClientRect() ?? { left: 0, width: 1 };
  return timeAt((event.clientX - left) / Math.max(1, width), view.value);
}
