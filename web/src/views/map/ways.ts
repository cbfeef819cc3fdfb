/** Ways over the map. Pure. */

import type { Point } from "../../scatter/Scatter";

const MOST_POINTS = 256;
const STEPS_A_SECOND = 4;

/** At most as many corners as the server takes, spread evenly; the ends stay. */
export function thinned(points: readonly Point[], most = MOST_POINTS): Point[] {
  if (points.length <= most) return [...points];
  return Array.from({ length: most }, (_, at) => points[Math.round((at * (points.length - 1)) / (most - 1))]!);
}

/** How many sounds lie along a way of so many seconds. */
export const stepsFor = (seconds: number): number => Math.min(64, Math.max(2, Math.round(seconds * STEPS_A_SECOND)));

/** Where a corner of a way or a picked point lies, as a render's settings tell it; null where they do not. */
export function placeIn(settings: Readonly<Record<string, unknown>> | undefined): Point | null {
  const way = settings?.["path"];
  if (Array.isArray(way)) return asPoint(way.at(-1));
  return asPoint(settings?.["at"]);
}

export function wayIn(settings: Readonly<Record<string, unknown>> | undefined): Point[] | null {
  const way = settings?.["path"];
  if (!Array.isArray(way)) return null;
  const points = way.map(asPoint).filter((point): point is Point => point !== null);
  return points.length > 1 ? points : null;
}

function asPoint(value: unknown): Point | null {
  if (!Array.isArray(value) || value.length !== 2) return null;
  const [x, y] = value as unknown[];
  return typeof x === "number" && typeof y === "number" ? [x, y] : null;
}
