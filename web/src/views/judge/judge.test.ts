import { describe, expect, it } from "vitest";
import type { Made } from "../../api/types";
import { byInstrument, drawn, listenWish, missing, type TestDraft } from "./kinds";

const made = (instrument: string, id: string): Made => ({ id, sound: `made:${id}`, instrument }) as Made;
const groups = byInstrument([made("b", "1"), made("a", "2"), made("a", "3")]);
const draft: TestDraft = { name: "first", kind: "preference", systems: ["a", "b"], originals: [], items: null, seed: 0 };

describe("listening tests", () => {
  it("groups sounds, those with most first", () => {
    expect([...groups.keys()]).toEqual(["a", "b"]);
  });
  it("says what is missing", () => {
    expect(missing(draft, groups, [])).toEqual([]);
    expect(missing({ ...draft, systems: ["a"] }, groups, [])[0]).toContain("second instrument");
    expect(missing({ ...draft, kind: "abx" }, groups, [])[0]).toContain("originals");
    expect(missing(draft, groups, ["first"])[0]).toContain("already");
    expect(missing({ ...draft, name: " ", systems: ["gone"] }, groups, [])).toHaveLength(2);
  });
  it("asks for the sounds of each", () => {
    expect(listenWish(draft, groups).systems).toEqual({ a: ["made:2", "made:3"], b: ["made:1"] });
  });
  it("draws without repeats", () => {
    expect(drawn(3, 10)).toEqual([0, 1, 2]);
    expect(new Set(drawn(100, 20)).size).toBe(20);
  });
});
