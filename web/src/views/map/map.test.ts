import { expect, test } from "vitest";
import { cloudOf, describe, floats, noteOf, partOf, placeOf } from "./cloud";
import { bounds, classesOf, soloed, stylesOf, toggled } from "./colouring";
import { formula, recipesFor, trouble, wishOf, withIngredient, withWeight, without } from "./mixing";
import { quantile, withTime, KEPT } from "./timing";
import { placeIn, stepsFor, thinned, wayIn } from "./ways";

const packed = (values: number[]): string => btoa(String.fromCharCode(...new Uint8Array(new Float32Array(values).buffer)));
const cloud = cloudOf({
  ready: true, positions: packed([0, 0.25, 0.5, 1, 1, 0]), sounds: ["library:a", "library:b", "library:a"], names: ["a.wav", "b.wav", "a.wav"],
  groups: ["kick", "snare"], heading: "label", colours: ["#4b84c4", "#ee6677"], group: [0, 1, 0], signs: [],
  starts_s: [0, 0, 4], duration_s: [10, 0.5, 10], pitch_semitones: [69, null, 57], loudness_lufs: [-10, -20, null], added: 0, spacing: 0.1,
});

test("positions are unpacked", () => {
  expect([...floats(packed([0.5, -1]))]).toEqual([0.5, -1]);
  expect(cloud.count).toBe(3);
  expect(placeOf(cloud, 1)).toEqual([0.5, 1]);
  expect(describe(cloud, 0)).toBe("a.wav, kick, A4");
  expect(describe(cloud, 1)).toBe("b.wav, snare");
  expect(noteOf(60)).toBe("C4");
});

test("a point is the whole of a short file, and a part of a long one", () => {
  expect(partOf(cloud, 1, 2)).toBeNull();
  expect(partOf(cloud, 0, 4)).toEqual({ startS: 0, seconds: 4 });
  expect(partOf(cloud, 2, 4)).toEqual({ startS: 4, seconds: 4 });
  expect(partOf(cloud, 2, 8)).toEqual({ startS: 4, seconds: 6 });
});

test("groups have their colours, values a scale with a line for the unknown", () => {
  const groups = classesOf(cloud, "group");
  expect(groups.entries.map((entry) => [entry.name, entry.count])).toEqual([["kick", 2], ["snare", 1]]);
  const pitch = classesOf(cloud, "pitch");
  expect(pitch.entries.at(-1)).toMatchObject({ name: "unknown", count: 1 });
  expect(pitch.colours[1]).toBe(255);
  expect(pitch.entries.reduce((sum, entry) => sum + entry.count, 0)).toBe(3);
  expect(bounds([null])).toEqual([0, 1]);
});

test("the legend hides and shows alone", () => {
  expect([...soloed(new Set(), 1, 3)]).toEqual([0, 2]);
  expect([...soloed(new Set([0, 2]), 1, 3)]).toEqual([]);
  expect([...toggled(new Set(), 1, 3)]).toEqual([1]);
  expect([...toggled(new Set([0, 2]), 1, 3)]).toEqual([]);
  expect([...(stylesOf(classesOf(cloud, "group"), new Set([1])).opacities as Float32Array)]).toEqual([1, 0, 1]);
});

test("a tray becomes a sum that the server understands", () => {
  let tray = withIngredient([], { sound: "library:a", at: null, name: "a" });
  tray = withIngredient(tray, { sound: "library:a", at: null, name: "a" });
  tray = withIngredient(tray, { sound: null, at: [0.25, 0.5], name: "place" });
  tray = withIngredient(tray, { sound: "made:1", at: null, name: "m" });
  expect(tray.length).toBe(3);
  tray = withWeight(withWeight(tray, 1, -0.5), 2, 2);
  expect(formula(tray)).toBe("A − 0.5 B + 2 C");
  expect(wishOf(tray, "umap")).toEqual({ at: [[0.25, 0.5]], sounds: ["library:a", "made:1"], weights: [-0.5, 1, 2], projection: "umap", seed: 0 });
  expect(without(tray, 0).length).toBe(2);
  expect(recipesFor(3)[1]?.weights).toEqual([1, -1, 1]);
});

test("a sum that comes to nothing is not asked for", () => {
  expect(trouble([])).not.toBe("");
  const pair = [{ sound: "a", at: null, name: "", weight: 1 }, { sound: "b", at: null, name: "", weight: -1 }];
  expect(trouble(pair)).not.toBe("");
  expect(trouble(withWeight(pair, 1, 1))).toBe("");
});

test("times are kept, the median told", () => {
  expect(quantile([], 0.5)).toBeNull();
  expect(quantile([3, 1, 2], 0.5)).toBe(2);
  expect(Array.from({ length: 80 }).reduce<readonly number[]>((times, _, at) => withTime(times, at), []).length).toBe(KEPT);
});

test("a way is thinned, and found again in settings", () => {
  const long = Array.from({ length: 1000 }, (_, at) => [at / 999, 0] as const);
  expect(thinned(long).length).toBe(256);
  expect(thinned(long).at(-1)).toEqual([1, 0]);
  expect(stepsFor(0.1)).toBe(2);
  expect(stepsFor(100)).toBe(64);
  expect(placeIn({ at: [0.1, 0.2] })).toEqual([0.1, 0.2]);
  expect(placeIn({ at: [[0.1, 0.2], [0, 0]] })).toBeNull();
  expect(placeIn({ path: [[0, 0], [0.5, 1]] })).toEqual([0.5, 1]);
  expect(wayIn({ path: [[0, 0], ["x", 1]] })).toBeNull();
});
