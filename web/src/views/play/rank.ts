/** Orders of a list of sounds that were made, and what a distance means. Pure. */

import type { Model } from "../../api/models";

export type Made = Model<"Made">;
export type Order = "near" | "far" | "made";

/** Sorts sounds; those not measured yet stand last, and rejected ones after all others. */
export function ranked(all: readonly Made[], order: Order): Made[] {
  const place = (made: Made): number => {
    if (order === "made") return 0;
    if (made.distance === null || made.distance === undefined) return Infinity;
    return order === "near" ? made.distance : -made.distance;
  };
  const compare = (one: Made, other: Made): number => Number(one.rejected) - Number(other.rejected) || (place(one) === place(other) ? 0 : place(one) - place(other));
  return [...all].sort(compare);
}

/** What a distance from the library's nearest sound says, in a word or two. */
export function farness(distance: number | null | undefined): string {
  if (distance === null || distance === undefined) return "not measured yet";
  if (distance < 0.1) return "very like one of the library";
  if (distance < 0.5) return "close to the library";
  if (distance < 1) return "akin to the library";
  return "clearly another timbre";
}
