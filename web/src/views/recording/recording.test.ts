import { describe, expect, it } from "vitest";
import type { Copies } from "../../api/types";
import { colourOf, origin, words } from "./copymap";
import { hole, merged, percent, resized, shifted } from "./holes";
import { columns, following, placeOf, stamp, ticks, timeAt, within, zoomed } from "./viewport";
import { batches, INITIAL, toolsOf, wishOf } from "./wishes";

describe("viewport", () => {
  it("stays within the sound", () => {
    expect(within({ from: -2, to: 3 }, 10)).toEqual({ from: 0, to: 5 });
    expect(within({ from: 8, to: 13 }, 10)).toEqual({ from: 5, to: 10 });
    expect(within({ from: 0, to: 99 }, 10)).toEqual({ from: 0, to: 10 });
  });
  it("zooms around a moment that stays where it is", () => {
    const near = zoomed({ from: 0, to: 10 }, 2, 4, 10);
    expect(placeOf(4, near)).toBeCloseTo(0.4);
    expect(near.to - near.from).toBeCloseTo(5);
    expect(zoomed(near, 1 / 1000, 4, 10)).toEqual({ from: 0, to: 10 });
    expect(timeAt(0.5, { from: 2, to: 4 })).toBe(3);
  });
  it("follows what is heard by pages", () => {
    expect(following({ from: 0, to: 2 }, 1, 10)).toEqual({ from: 0, to: 2 });
    expect(following({ from: 0, to: 2 }, 2.5, 10)).toEqual({ from: 2.5, to: 4.5 });
  });
  it("writes even moments", () => {
    expect(ticks({ from: 0, to: 10 }, 5)).toEqual([0, 2, 4, 6, 8, 10]);
    expect(ticks({ from: 0.13, to: 0.3 }, 4)).toEqual([0.15, 0.2, 0.25, 0.3]);
    expect(ticks({ from: 0, to: 600 }, 6)).toEqual([0, 120, 240, 360, 480, 600]);
    expect([stamp(67), stamp(7.5, 0.5), stamp(0.25, 0.05)]).toEqual(["1:07", "0:07.5", "0:00.25"]);
  });
  it("draws the tallest of each column and nothing beyond the end", () => {
    expect([...columns([0, 1, 0, 0.5], 4, { from: 0, to: 8 }, 4)]).toEqual([1, 0.5, 0, 0]);
    expect([...columns([0, 1, 0, 0.5], 4, { from: 1, to: 2 }, 2)]).toEqual([1, 1]);
  });
});

describe("holes", () => {
  it("are drawn in any direction and kept inside", () => {
    expect(hole(3, 1, 10)).toEqual({ from: 1, to: 3 });
    expect(hole(-5, 0.001, 10)).toEqual({ from: 0, to: 0.02 });
    expect(hole(9.999, 12, 10)).toEqual({ from: 9.98, to: 10 });
  });
  it("keep their length when moved, and their order when resized", () => {
    expect(shifted({ from: 1, to: 3 }, 100, 10)).toEqual({ from: 8, to: 10 });
    expect(shifted({ from: 1, to: 3 }, -100, 10)).toEqual({ from: 0, to: 2 });
    expect(resized({ from: 1, to: 3 }, "from", 9, 10)).toEqual({ from: 2.98, to: 3 });
    expect(resized({ from: 1, to: 3 }, "to", 99, 10)).toEqual({ from: 1, to: 10 });
  });
  it("are merged where they touch", () => {
    expect(merged([{ from: 4, to: 5 }, { from: 0, to: 2 }, { from: 1, to: 3 }])).toEqual([{ from: 0, to: 3 }, { from: 4, to: 5 }]);
    expect(percent([{ from: 0, to: 2 }, { from: 1, to: 3 }], 10)).toBeCloseTo(30);
  });
});

describe("copy map", () => {
  const copies: Copies = {
    times_s: [0, 0.05, 0.1], places_s: [7, 7.05, 1], copied: [true, true, false], audible: [true, true, true], runs: [{ begins_s: 0, from_s: 7, length_s: 0.1 }], copied_percent: 66.7, novelty: 0.3,
  };
  it("tells where a moment comes from", () => {
    expect(origin(copies, 0.05)).toBe(7.05);
    expect(origin(copies, 0.1)).toBeNull();
    expect(origin(copies, 99)).toBeNull();
    expect(words(copies)).toBe("67 % repeated, the longest 0.1 s from 0:07");
    expect(words({ ...copies, runs: [], copied_percent: 0 })).toBe("repeats nothing");
    expect(colourOf(0, 10, "dark")).not.toBe(colourOf(5, 10, "dark"));
  });
});

describe("wishes", () => {
  const subject = { instrument: "jazz", holes: [{ from: 1, to: 2 }], target: null };
  it("asks for what a tool needs", () => {
    expect(wishOf("inpaint", subject, INITIAL)).toMatchObject({ holes: [[1, 2]], sound: null, count: 2 });
    expect(wishOf("inpaint", { ...subject, holes: [] }, INITIAL)).toBeNull();
    expect(wishOf("extend", subject, INITIAL)).toBeNull();
    expect(wishOf("extend", subject, { ...INITIAL, file: "upload:a" })).toMatchObject({ known_hz: null, sound: "upload:a" });
    expect(wishOf("generate", subject, INITIAL)).toMatchObject({ seconds: null });
  });
  it("keeps what one command made in its own order", () => {
    const made = ["b2 b", "b1 b", "a2 a", "a1 a"].map((text) => ({ id: text.slice(0, 2), command: text.slice(3) }));
    expect(batches(made).map((one) => one.id)).toEqual(["b1", "b2", "a1", "a2"]);
  });
  it("offers only what the instrument can", () => {
    expect(toolsOf(["vary", "extend_bandwidth"]).map((tool) => tool.id)).toEqual(["vary", "extend"]);
  });
});
