/** Points, outlines and ways. Pure. */

import type { Point } from "./camera";

/** Whether a point lies within a closed outline (even-odd). */
export function isInside([x, y]: Point, outline: readonly Point[]): boolean {
  let inside = false;
  for (let at = 0, before = outline.length - 1; at < outline.length; before = at++) {
    const [ax, ay] = outline[at]!;
    const [bx, by] = outline[before]!;
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  }
  return inside;
}

export type Bounds = readonly [left: number, low: number, right: number, high: number];

export function boundsOf(points: readonly Point[]): Bounds {
  let [left, low, right, high] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of points) {
    left = Math.min(left, x);
    right = Math.max(right, x);
    low = Math.min(low, y);
    high = Math.max(high, y);
  }
  return [left, low, right, high];
}

/** Fewer points for the same way: none farther off than `tolerance` (Douglas and Peucker). */
export function simplified(points: readonly Point[], tolerance: number): Point[] {
  if (points.length < 3) return [...points];
  const keep = new Uint8Array(points.length);
  keep[0] = keep[points.length - 1] = 1;
  const stack: [number, number][] = [[0, points.length - 1]];
  for (let span = stack.pop(); span; span = stack.pop()) {
    const [from, to] = span;
    let [farthest, most] = [-1, tolerance];
    for (let at = from + 1; at < to; at++) {
      const off = distanceToLine(points[at]!, points[from]!, points[to]!);
      if (off > most) [farthest, most] = [at, off];
    }
    if (farthest < 0) continue;
    keep[farthest] = 1;
    stack.push([from, farthest], [farthest, to]);
  }
  return points.filter((_, at) => keep[at]);
}

function distanceToLine([x, y]: Point, [ax, ay]: Point, [bx, by]: Point): number {
  const [dx, dy] = [bx - ax, by - ay];
  const length = dx * dx + dy * dy;
  const share = length ? Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / length)) : 0;
  return Math.hypot(x - ax - share * dx, y - ay - share * dy);
}

/** The point at a share (0 to 1) of a way's length. */
export function along(points: readonly Point[], share: number): Point | null {
  const first = points[0];
  if (!first) return null;
  const lengths = points.slice(1).map((point, at) => Math.hypot(point[0] - points[at]![0], point[1] - points[at]![1]));
  let rest = lengths.reduce((sum, one) => sum + one, 0) * Math.min(1, Math.max(0, share));
  for (const [at, length] of lengths.entries()) {
    if (rest <= length && length > 0) {
      const [a, b, part] = [points[at]!, points[at + 1]!, rest / length];
      return [a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part];
    }
    rest -= length;
  }
  return points.at(-1)!;
}

/**
 * The nearest point in a direction, for arrow keys; -1 where there is none. `xy` holds x, y, x, y ...; `scale` is what
 * a unit is across and up; `isThere` says which points count. Points off to the side count as farther.
 */
export function nearestTowards(xy: Float32Array, from: Point, direction: Point, scale: Point, isThere: (index: number) => boolean): number {
  let [best, least] = [-1, Infinity];
  for (let index = 0; index < xy.length / 2; index++) {
    const [dx, dy] = [(xy[index * 2]! - from[0]) * scale[0], (xy[index * 2 + 1]! - from[1]) * scale[1]];
    const ahead = dx * direction[0] + dy * direction[1];
    const aside = Math.abs(dx * direction[1] - dy * direction[0]);
    const far = ahead + 2 * aside;
    if (ahead > 1e-6 && aside <= ahead * 1.5 && far < least && isThere(index)) [best, least] = [index, far];
  }
  return best;
}
