import { describe, expect, it } from "vitest";
import { looksLikeAudio } from "./dropped";
import { bytes, clock, decimals, noteName, roughTime, several, snap } from "./numbers";
import { Pages } from "./pages";
import { corner } from "./place";

describe("numbers", () => {
  it("snaps to steps without dust", () => {
    expect(snap(0.30000000004, 0, 1, 0.1)).toBe(0.3);
    expect(snap(7, 0, 5, 1)).toBe(5);
    expect(snap(-1.26, -12, 12, 0.5)).toBe(-1.5);
    expect(snap(3.4, -Infinity, Infinity, 1)).toBe(3);
    expect(snap(0.00012, 0, 1, 1e-4)).toBe(0.0001);
  });
  it("counts decimals", () => {
    expect(decimals(0.25, 0.1)).toBe(2);
    expect(decimals(1e-7)).toBe(7);
  });
  it("tells times", () => {
    expect([clock(7.4), clock(185), clock(3729), clock(0.123, true), clock(NaN)]).toEqual(["0:07", "3:05", "1:02:09", "0.12 s", "–"]);
    expect([roughTime(0.2), roughTime(75), roughTime(4200), roughTime(7200)]).toEqual(["1 s", "1 min", "1 h 10 min", "2 h"]);
  });
  it("tells sizes, counts and notes", () => {
    expect([bytes(0), bytes(999), bytes(3400000)]).toEqual(["0 B", "999 B", "3.4 MB"]);
    expect([several(1, "sound"), several(1204, "sound")]).toEqual(["1 sound", "1,204 sounds"]);
    expect([noteName(440), noteName(261.63), noteName(46.25)]).toEqual(["A4", "C4", "F#1"]);
  });
});

describe("pages", () => {
  const counted = () => {
    const asked: number[] = [];
    const pages = new Pages<number>(async (from, count) => {
      asked.push(from);
      return Array.from({ length: count }, (_, at) => from + at);
    }, null, () => undefined, () => undefined, 10, 3);
    return { asked, pages };
  };
  it("asks once for each page and gives ranges over them", async () => {
    const { asked, pages } = counted();
    pages.want(5, 25);
    pages.want(8, 12);
    expect(await pages.range(8, 21)).toEqual([8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]);
    expect(asked).toEqual([0, 10, 20]);
    expect(pages.row(9)).toBe(9);
  });
  it("forgets the oldest", async () => {
    const { pages } = counted();
    for (const from of [0, 10, 20, 30]) await pages.range(from, from + 1);
    expect(pages.row(0)).toBeUndefined();
    expect(pages.row(30)).toBe(30);
  });
});

it("knows audio files, and not the shadows that some systems leave", () => {
  expect(["a.WAV", "b/c.flac", "d.txt", "b/._c.wav", "e"].filter(looksLikeAudio)).toEqual(["a.WAV", "b/c.flac"]);
});

it("keeps floating boxes within the window", () => {
  const inside = { width: 400, height: 300 };
  const box = { width: 200, height: 100 };
  expect(corner({ left: 380, top: 10, width: 20, height: 20 }, box, inside, "below")).toEqual({ left: 194, top: 36 });
  expect(corner({ left: 10, top: 270, width: 20, height: 20 }, box, inside, "below").top).toBe(164);
  expect(corner({ left: 100, top: 4, width: 20, height: 20 }, box, inside, "above").top).toBe(30);
});
