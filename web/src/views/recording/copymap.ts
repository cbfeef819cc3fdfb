/** Where a sound repeats the recording: the counterpart of each moment, and words for it. Pure. */

import type { Copies } from "../../api/types";
import { stamp } from "./viewport";

/** Where in the recording a moment of a sound comes from, in seconds; null where it is new. */
export function origin(copies: Copies, time: number): number | null {
  const { times_s: times, places_s: places, copied } = copies;
  const step = (times[1] ?? 0.05) - (times[0] ?? 0);
  const at = Math.round((time - (times[0] ?? 0)) / Math.max(step, 1e-6));
  return at >= 0 && copied[at] ? (places[at] ?? null) : null;
}

/** A place of the recording as a colour: the same along the recording and where it comes back. */
export function colourOf(place: number, total: number, theme: "dark" | "light"): string {
  const hue = 190 + 300 * Math.min(1, Math.max(0, place / Math.max(total, 1e-9)));
  return theme === "dark" ? `oklch(0.76 0.15 ${hue.toFixed(0)})` : `oklch(0.55 0.16 ${hue.toFixed(0)})`;
}

/** "12 % repeated, the longest 1.3 s from 0:07". */
export function words(copies: Copies): string {
  if (copies.copied_percent === null) return "silent";
  const longest = copies.runs.toSorted((one, other) => other.length_s - one.length_s)[0];
  if (!longest || copies.copied_percent < 0.05) return "repeats nothing";
  return `${Math.round(copies.copied_percent)} % repeated, the longest ${longest.length_s.toFixed(1)} s from ${stamp(longest.from_s)}`;
}
