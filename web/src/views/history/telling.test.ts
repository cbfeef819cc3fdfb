import { expect, it } from "vitest";
import type { Made } from "./names";
import { distanceInWords, inShort, kindInWords, parentsOf, settingsOf, whenInWords } from "./telling";

it("says what a distance means, from a copy to another timbre", () => {
  expect(distanceInWords(0.03)).toContain("very like");
  expect(distanceInWords(0.7)).toContain("akin");
  expect(distanceInWords(1.2)).toContain("clearly another timbre");
  expect(distanceInWords(null)).toContain("Not measured");
});

it("reads parents of any form", () => {
  const parents = [{ name: "a", label: "kick", weight: 0.6 }, { path: "/x/y/b.wav" }, {}];
  expect(parentsOf({ parents } as unknown as Made)).toEqual([
    { name: "a", label: "kick", weight: 0.6 }, { name: "b.wav", label: "", weight: null }, { name: "a sound", label: "", weight: null },
  ]);
});

it("tells settings that say something", () => {
  const settings = { label: null, sliders: {}, seconds: 2, weights: [0.25, 0.75], from_prior: false, known_hz: 8000 };
  expect(settingsOf({ settings } as unknown as Made)).toEqual([["seconds", "2"], ["weights", "0.25, 0.75"], ["known (Hz)", "8000"]]);
});

it("tells when, and what made it", () => {
  const now = new Date(2026, 4, 6, 15, 0);
  expect(whenInWords(new Date(2026, 4, 6, 14, 5).getTime() / 1000, now)).toBe("today 14:05");
  expect(whenInWords(new Date(2026, 1, 3, 9, 30).getTime() / 1000, now)).toBe("3 Feb 09:30");
  expect([kindInWords("morph"), kindInWords("other")]).toEqual(["Morph", "other"]);
});

it("shortens names in their middle", () => {
  expect([inShort("kick.wav"), inShort("estuary_samples_metallic_017", 20)]).toEqual(["kick", "estuary_…etallic_017"]);
});
