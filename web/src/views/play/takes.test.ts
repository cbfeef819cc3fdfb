import { describe, expect, it } from "vitest";
import { firstTake, keyOf, levelled, lockedAs, moved, seedOf, shuffled, slidersOf, wishOf } from "./takes";

const slider = { name: "brighter", step: 1, unit: "Hz", low: -6, high: 6, tells: "", percent_monotone: 95 };

describe("takes", () => {
  it("reads seeds that people type, and nothing else", () => {
    expect(seedOf(" 1,234 ")).toBe(1234);
    expect(seedOf("4294967295")).toBe(4294967295);
    expect([seedOf("4294967296"), seedOf("-1"), seedOf("1.5"), seedOf(""), seedOf("abc")]).toEqual([null, null, null, null, null]);
  });

  it("a slider in the middle says nothing unless it is locked", () => {
    const take = moved(moved(firstTake(1), "brighter", 0), "denser", 2);
    expect(slidersOf(take)).toEqual({ values: { denser: 2 }, locked: [] });
    expect(slidersOf(lockedAs(take, "brighter", true))).toEqual({ values: { brighter: 0, denser: 2 }, locked: ["brighter"] });
  });

  it("takes that sound the same have one key, others have not", () => {
    const one = moved(moved(firstTake(7), "a", 1), "b", 2);
    const other = moved(moved(moved(firstTake(7), "b", 2), "a", 1), "c", 0);
    expect(keyOf(one)).toBe(keyOf(other));
    expect(keyOf(one)).not.toBe(keyOf({ ...one, seed: 8 }));
    expect(keyOf(one)).not.toBe(keyOf(lockedAs(one, "a", true)));
  });

  it("shuffling leaves locked sliders, and stays within their ways", () => {
    const take = lockedAs(moved(firstTake(1), "brighter", 3), "brighter", true);
    const all = [slider, { ...slider, name: "longer" }];
    for (const drawn of [0, 0.5, 0.999]) {
      const next = shuffled(take, all, () => drawn);
      expect(next.values["brighter"]).toBe(3);
      expect(Math.abs(next.values["longer"] ?? 99)).toBeLessThanOrEqual(6);
    }
    expect(levelled(moved(take, "longer", 2)).values).toEqual({ brighter: 3 });
  });

  it("asks the server for what it accepts", () => {
    expect(wishOf({ ...firstTake(3), label: "kick", seconds: 2 })).toEqual({
      count: 1, seed: 3, label: "kick", seconds: 2, tempo_bpm: null, sliders: { values: {}, locked: [] },
    });
  });
});
