import { describe, expect, it } from "vitest";
import { parse, write } from "./route";
import { find, keyName, spell, type Group } from "./shortcuts";
import { begin, canRedo, canUndo, redo, replace, step, undo } from "./undo";
import { withJob } from "./workspace";
import type { Job } from "../api/models";

describe("undo", () => {
  it("goes back and forth", () => {
    const end = step(step(begin(1), 2), 3);
    expect(undo(end).present).toBe(2);
    expect(undo(undo(end)).present).toBe(1);
    expect(redo(undo(end))).toEqual(end);
    expect(undo(undo(undo(end))).present).toBe(1);
  });
  it("forgets what was undone at a new step", () => {
    const branched = step(undo(step(begin("a"), "b")), "c");
    expect(branched.present).toBe("c");
    expect(canRedo(branched)).toBe(false);
    expect(undo(branched).present).toBe("a");
  });
  it("keeps a bound, and takes undefined for a value", () => {
    let history = begin(0);
    for (let at = 1; at <= 300; at++) history = step(history, at, 50);
    expect(history.past).toHaveLength(50);
    expect(undo(step(begin<number | undefined>(undefined), 1)).present).toBeUndefined();
  });
  it("does not count the same value or a replacement as a step", () => {
    expect(canUndo(step(begin(1), 1))).toBe(false);
    expect(canUndo(replace(begin(1), 2))).toBe(false);
  });
});

describe("route", () => {
  it("reads what it writes", () => {
    const params = { instrument: "my drums & more", x: "0.5" };
    expect(parse(write("map", params))).toEqual({ view: "map", params });
  });
  it("leads to the library from anywhere unknown", () => {
    expect(parse("").view).toBe("library");
    expect(parse("#/nowhere?a=1")).toEqual({ view: "library", params: { a: "1" } });
  });
  it("leaves out what is empty", () => {
    expect(write("train", { instrument: "", recipe: null, name: undefined })).toBe("#/train");
  });
});

describe("shortcuts", () => {
  const press = (key: string, held: object = {}) => keyName({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held });
  const groups: Group[] = [
    { name: "Everywhere", shortcuts: [{ keys: "g m", says: "", run: () => undefined }, { keys: "?", says: "", run: () => undefined }] },
    { name: "Play", shortcuts: [{ keys: "g", says: "a note", run: () => undefined }] },
  ];
  it("names keys", () => {
    expect(press("Z", { shiftKey: true, ctrlKey: true })).toBe("shift+mod+z");
    expect(press(" ")).toBe("space");
    expect(press("?", { shiftKey: true })).toBe("?");
    expect(press("z", { metaKey: true })).toBe("mod+z");
  });
  it("finds sequences before single keys, and the newest group first", () => {
    expect(find(groups, "m", "g")?.keys).toBe("g m");
    expect(find(groups, "m", "x")).toBeUndefined();
    expect(find(groups, "g", "")?.says).toBe("a note");
  });
  it("spells them", () => {
    expect(spell("shift+z")).toEqual([["Shift", "Z"]]);
    expect(spell("g m")).toEqual([["G"], ["M"]]);
    expect(spell("+")).toEqual([["+"]]);
  });
});

describe("jobs", () => {
  const job = (id: string, state: Job["state"]): Job => ({ id, state }) as Job;
  it("replaces the known and puts the new first", () => {
    const known = [job("b", "queued"), job("a", "running")];
    expect(withJob(known, job("a", "done")).map((one) => `${one.id} ${one.state}`)).toEqual(["b queued", "a done"]);
    expect(withJob(known, job("c", "queued"))[0]?.id).toBe("c");
  });
});
