import { expect, it } from "vitest";
import { farness, ranked, type Made } from "./rank";

const made = (id: string, distance: number | null, rejected = false): Made => ({ id, distance, rejected }) as Made;
const names = (all: readonly Made[]) => all.map((one) => one.id).join("");

it("sorts by distance, the unmeasured last, whatever the verdicts", () => {
  const all = [made("a", 0.5), made("b", null), made("c", 0.1), made("d", 0.2, true), made("e", 2)];
  expect(names(ranked(all, "near"))).toBe("cdaeb");
  expect(names(ranked(all, "far"))).toBe("eadcb");
  expect(names(ranked(all, "made"))).toBe("abcde");
});

it("says what a distance means", () => {
  expect([0.02, 0.3, 0.8, 1.4, null].map(farness)).toEqual([
    "very like one of the library", "close to the library", "akin to the library", "clearly another timbre", "not measured yet",
  ]);
});
