import { expect, test } from "vitest";
import type { Job, State } from "../../api/types";
import type { DroppedFile } from "../../design/dropped";
import { portions, sizeOf, sorted } from "./batches";
import { freeName, journey, nextStep } from "./journey";
import { byReason, duplicateGroups, everyRow, labelCounts, rowsQuery, some, tail } from "./questions";

const file = (path: string, size: number): DroppedFile => ({ path, file: { size } as File });
const empty: State = { workspace: "w", place: "/w", version: "0", library: null, instruments: [], device: "cpu", made: 0, reports: "" };
const job = (kind: Job["kind"], state: Job["state"]): Job => ({ id: kind, kind, title: "", state, command: "", position: 0, resumable: false, made: [], instrument: "", created_s: 0 });

test("the table is asked for rows in an order", () => {
  expect(rowsQuery({ words: " kick ", label: "" }, null, 0, 200)).toEqual({ words: "kick", label: "", order: "name", down: false, start: 0, count: 200 });
  expect(rowsQuery({ words: "", label: null }, { column: "duration_s", descending: true }, 5, 1)).toMatchObject({ order: "duration_s", down: true, label: null });
});

test("labels stand by size, those without one last", () => {
  expect(labelCounts({ "": 50, a: 2, b: 10 }).map((one) => one.label)).toEqual(["b", "a", ""]);
  expect(labelCounts({})).toEqual([]);
});

test("what was left out is told by reason", () => {
  const groups = byReason([{ name: "a", reason: "damaged" }, { name: "b", reason: "silent" }, { name: "c", reason: "silent" }]);
  expect(byReason([1, 2].map((at) => ({ name: `${at}`, reason: `sounds exactly like ${at}`, kind: "duplicate" }))).length).toBe(1);
  expect(groups.map((group) => [group.reason, group.files.length])).toEqual([["silent", 2], ["damaged", 1]]);
});

test("duplicates are read carefully, the one to keep first", () => {
  const copy = (id: string, keep: boolean) => ({ id, path: `/x/${id}`, duration_s: 1, sample_rate: 1, format: "WAV", keep });
  expect(duplicateGroups({ duplicates: [[copy("a", false), copy("b", true)], [copy("c", true)], "?"] }).map((group) => group.map((one) => one.id))).toEqual([["b", "a"]]);
  expect(duplicateGroups(null)).toEqual([]);
  expect(duplicateGroups({ duplicates: 3 })).toEqual([]);
});

test("a set of every row has each and knows its size", () => {
  const every = everyRow(100_000);
  expect(every.size).toBe(100_000);
  expect(every.has("library:1")).toBe(true);
  expect([...every]).toEqual([]);
});

test("paths and names are cut where they grow long", () => {
  expect(tail("/a/b/c/d.wav", 2)).toBe("c/d.wav");
  expect(some(["a", "b", "c", "d", "e"])).toBe("a, b, c and 2 more");
});

test("files are sent in portions", () => {
  const { sounds, others } = sorted([file("a.wav", 10), file("b.txt", 5), file("c.flac", 0), file("d.mp3", 30)]);
  expect([sounds.length, others, sizeOf(sounds)]).toEqual([2, 2, 40]);
  expect(portions([file("a", 6), file("b", 6), file("c", 20), file("d", 1)], 10, 12).map((part) => part.length)).toEqual([2, 1, 1]);
  expect(portions([file("a", 1), file("b", 1), file("c", 1)], 2, 100).map((part) => part.length)).toEqual([2, 1]);
});

test("the journey ticks itself", () => {
  expect(nextStep(journey(empty, [], false))?.id).toBe("scan");
  const scanned = { ...empty, library: { count: 64 } as State["library"] };
  expect(nextStep(journey(scanned, [], false))?.id).toBe("train");
  expect(journey(scanned, [job("train", "running")], false)[1]?.job?.state).toBe("running");
  const trained = { ...scanned, instruments: [{ name: "first" } as State["instruments"][number]] };
  expect(nextStep(journey(trained, [], false))?.id).toBe("map");
  expect(nextStep(journey(trained, [job("map", "done")], false))?.id).toBe("play");
  expect(nextStep(journey({ ...trained, made: 1 }, [], false))?.id).toBe("take");
  expect(nextStep(journey({ ...trained, made: 1 }, [], true))).toBeNull();
});

test("a new instrument's name is free", () => {
  expect(freeName([])).toBe("first");
  expect(freeName(["first", "first-2"])).toBe("first-3");
});
