import { describe, expect, it } from "vitest";
import { basicBeat, cleared, emptyPattern, hits, planned, readPattern, stepSeconds, stepTime, withPad, withStep } from "./pattern";

const pad = { sound: "made:00000a", name: "kick" };

describe("steps", () => {
  it("four sixteenths are a beat", () => {
    expect(stepSeconds(120)).toBe(0.125);
    expect(stepTime(16, 120, 0.5)).toBe(2);
    expect(stepTime(5, 120, 0.5)).toBeCloseTo(0.625, 12);
  });

  it("swing moves only every second step, a triplet's by a third of a pair", () => {
    expect(stepTime(4, 120, 2 / 3)).toBe(0.5);
    expect(stepTime(5, 120, 2 / 3)).toBeCloseTo(0.5 + 0.25 * (2 / 3), 12);
  });

  it("plays only tracks in use that have a sound", () => {
    const set = withStep(withStep(withPad(emptyPattern(), 1, pad), 1, 3, 0.7), 2, 3, 1);
    expect(hits(set, 3)).toEqual([{ track: 1, velocity: 0.7 }]);
    expect(hits(set, 19)).toEqual([{ track: 1, velocity: 0.7 }]);
    expect(hits({ ...set, pads: [...set.pads].reverse() }, 3)).toEqual([]);
    expect(planned(set, 2).map((one) => one.at)).toEqual([stepTime(3, 110, 0.5), stepTime(19, 110, 0.5)]);
  });

  it("begins with a beat and can be cleared", () => {
    const beat = basicBeat(emptyPattern());
    expect(beat.steps.every((row) => row.length === 16)).toBe(true);
    expect(beat.steps[1]?.map((one) => (one ? "x" : ".")).join("")).toBe("....x.......x...");
    expect(cleared(beat).steps.flat().some(Boolean)).toBe(false);
  });
});

describe("what a browser kept", () => {
  it("comes back as it was", () => {
    const set = withStep(withPad({ ...emptyPattern(), tempo: 97, swing: 0.6 }, 0, pad), 0, 4, 0.25);
    expect(readPattern(JSON.stringify(set))).toEqual(set);
  });

  it("is never trusted", () => {
    const fresh = emptyPattern();
    for (const text of [null, "", "{", "3", "[]", '{"pads":[{"sound":"../../x","name":"x"}],"tempo":1e9,"tracks":-1,"steps":[[9]]}'])
      expect(readPattern(text)).toEqual(fresh);
  });
});
