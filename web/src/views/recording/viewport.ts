/** The stretch of time that is in sight, and what is drawn of it. Pure. */

import type { Span } from "../hearing/deck";

export type { Span };

export const SHORTEST_S = 0.05;

export const lengthOf = ({ from, to }: Span): number => to - from;

/** The stretch moved and cut so that it lies within the whole. */
export function within(span: Span, total: number): Span {
  const length = Math.min(Math.max(SHORTEST_S, lengthOf(span)), Math.max(SHORTEST_S, total));
  const from = Math.min(Math.max(0, span.from), Math.max(0, total - length));
  return { from, to: from + length };
}

/** So many times nearer, with one moment left where it is. */
export function zoomed(span: Span, times: number, around: number, total: number): Span {
  const length = Math.min(Math.max(SHORTEST_S, lengthOf(span) / times), total);
  const share = (around - span.from) / Math.max(1e-9, lengthOf(span));
  const from = around - share * length;
  return within({ from, to: from + length }, total);
}

export const moved = (span: Span, by: number, total: number): Span => within({ from: span.from + by, to: span.to + by }, total);

/** A page on, where a moment has run out of sight; the same stretch otherwise. */
export function following(span: Span, at: number, total: number): Span {
  if (at >= span.from && at <= span.to) return span;
  return within({ from: at, to: at + lengthOf(span) }, total);
}

export const placeOf = (time: number, span: Span): number => (time - span.from) / lengthOf(span);
export const timeAt = (place: number, span: Span): number => span.from + place * lengthOf(span);

const NICE = [1, 2, 5, 10];

/** Moments to be written above, evenly apart, at most `most`. */
export function ticks(span: Span, most: number): number[] {
  const least = lengthOf(span) / Math.max(1, most);
  const decade = 10 ** Math.floor(Math.log10(least));
  const sexagesimal = [15, 30, 60, 120, 300, 600].filter((step) => step >= least);
  const step = least > 10 ? (sexagesimal[0] ?? 600) : decade * NICE.find((one) => one * decade >= least * 0.999)!;
  const first = Math.ceil(span.from / step - 1e-9);
  const last = Math.floor(span.to / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => Number(((first + at) * step).toFixed(6)));
}

/** "0:07", "0:07.5", "0:07.25": no finer than it must be. */
export function stamp(seconds: number, step = 1): string {
  const digits = step >= 1 ? 0 : step >= 0.1 ? 1 : step >= 0.01 ? 2 : 3;
  const minutes = Math.floor(seconds / 60 + 1e-9);
  const rest = (seconds - minutes * 60).toFixed(digits);
  return `${minutes}:${rest.padStart(digits ? digits + 3 : 2, "0")}`;
}

/** The tallest value of each of `count` columns of the stretch in sight; 0 beyond the sound's end. */
export function columns(peaks: ArrayLike<number>, duration: number, span: Span, count: number): Float32Array {
  const tall = new Float32Array(count);
  const perSecond = peaks.length / Math.max(duration, 1e-9);
  const width = lengthOf(span) / count;
  for (let column = 0; column < count; column++) {
    const from = (span.from + column * width) * perSecond;
    const end = Math.min(peaks.length, Math.max(Math.floor(from) + 1, Math.ceil(from + width * perSecond)));
    let most = 0;
    for (let at = Math.max(0, Math.floor(from)); at < end; at++) most = Math.max(most, Math.abs(peaks[at] ?? 0));
    tall[column] = most;
  }
  return tall;
}
