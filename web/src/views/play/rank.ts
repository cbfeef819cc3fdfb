/** Orders of a list of sounds that were made, and what a distance means. Pure. */

import type { Model } from "../../api/models";

export type Made = Model<"Made">;
export type Order = "near" | "far" | "made";

/** Sorts sounds; those not measured yet stand last. A verdict moves none: the list stays as it is gone through. */
export function ranked(all: readonly Made[], order: Order): Made[] {
  const place = (made: Made): number => {
    if (order === "made") return 0;
    if (typeof made.distance !== "number") return Infinity;
    return order === "near" ? made.distance : -made.distance;
  };
  return [...all].sort((one, other) => (place(one) === place(other) ? 0 : place(one) - place(other)));
}

/** What a distance from the library's nearest sound says, in a word or two. */
export function farness(distance: number | null | undefined): string {
  if (distance === null || distance === undefined) return "not measured yet";
  if (distance < 0.1) return "very like one of the library";
  if (distance < 0.5) return "close to the library";
  if (distance < 1) return "akin to the library";
  return "clearly another timbre";
}
