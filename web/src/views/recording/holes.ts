/** Holes of a recording: drawn, moved, resized, typed. Pure; a hole keeps its place in the list while it is changed. */

import type { Span } from "./viewport";

export const SHORTEST_HOLE_S = 0.02;
export const MOST_HOLES = 64;

const millisecond = (seconds: number): number => Math.round(seconds * 1000) / 1000;

/** A hole of two moments in any order, within the sound, at least as long as the shortest. */
export function hole(one: number, other: number, total: number): Span {
  const from = millisecond(Math.min(Math.max(0, Math.min(one, other)), Math.max(0, total - SHORTEST_HOLE_S)));
  const to = millisecond(Math.min(total, Math.max(from + SHORTEST_HOLE_S, Math.max(one, other))));
  return { from, to };
}

export const withHole = (holes: readonly Span[], at: number, changed: Span): readonly Span[] => holes.map((one, place) => (place === at ? changed : one));

export const without = (holes: readonly Span[], at: number): readonly Span[] => holes.filter((_, place) => place !== at);

/** A hole moved as a whole; it keeps its length. */
export function shifted(one: Span, by: number, total: number): Span {
  const bound = Math.min(Math.max(by, -one.from), total - one.to);
  return { from: millisecond(one.from + bound), to: millisecond(one.to + bound) };
}

/** One edge moved; it does not pass the other. */
export function resized(one: Span, edge: keyof Span, to: number, total: number): Span {
  if (edge === "from") return { ...one, from: millisecond(Math.min(Math.max(0, to), one.to - SHORTEST_HOLE_S)) };
  return { ...one, to: millisecond(Math.max(Math.min(total, to), one.from + SHORTEST_HOLE_S)) };
}

/** As a job wants them: in order, and those that overlap or touch made one. */
export function merged(holes: readonly Span[]): readonly Span[] {
  const found: Span[] = [];
  for (const one of holes.toSorted((a, b) => a.from - b.from)) {
    const last = found.at(-1);
    if (last && one.from <= last.to) found[found.length - 1] = { from: last.from, to: Math.max(last.to, one.to) };
    else found.push(one);
  }
  return found;
}

/** The share of a sound that holes take, in percent. */
export function percent(holes: readonly Span[], total: number): number {
  const sum = merged(holes).reduce((seconds, one) => seconds + one.to - one.from, 0);
  return (100 * sum) / Math.max(total, 1e-9);
}
