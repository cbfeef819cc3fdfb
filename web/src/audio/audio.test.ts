import { describe, expect, it } from "vitest";
import { LeastRecentlyUsed } from "./lru";
import { peaksOf } from "./peaks";
import { wavBytes } from "./wav";

describe("WAV", () => {
  it("has a right head and interleaved, clipped samples", () => {
    const view = new DataView(wavBytes([Float32Array.of(0, 1, -1), Float32Array.of(2, -2, 0.5)], 44100));
    const word = (at: number) => String.fromCharCode(...[0, 1, 2, 3].map((more) => view.getUint8(at + more)));
    expect([word(0), word(8), word(12), word(36)]).toEqual(["RIFF", "WAVE", "fmt ", "data"]);
    expect([view.getUint32(4, true), view.getUint16(22, true), view.getUint32(24, true), view.getUint32(28, true), view.getUint32(40, true)]).toEqual([48, 2, 44100, 176400, 12]);
    expect([0, 1, 2, 3, 4, 5].map((at) => view.getInt16(44 + at * 2, true))).toEqual([0, 32767, 32767, -32768, -32768, 16384]);
  });
});

describe("the cache", () => {
  it("drops what was used longest ago", () => {
    const cache = new LeastRecentlyUsed<string>(10);
    cache.set("a", "A", 4);
    cache.set("b", "B", 4);
    cache.get("a");
    cache.set("c", "C", 4);
    expect([cache.get("a"), cache.get("b"), cache.get("c"), cache.bytes]).toEqual(["A", undefined, "C", 8]);
  });
  it("does not keep what is too large, nor count a thing twice", () => {
    const cache = new LeastRecentlyUsed<string>(10);
    cache.set("a", "A", 11);
    cache.set("b", "B", 4);
    cache.set("b", "B", 6);
    expect([cache.size, cache.bytes]).toEqual([1, 6]);
  });
});

it("finds peaks, also of fewer samples than columns", () => {
  expect([...peaksOf([0, -1, 0.5, 0.25], 2)]).toEqual([1, 0.5]);
  expect([...peaksOf([0.5, 1], 4)]).toEqual([0.5, 0.5, 1, 1]);
  expect([...peaksOf([], 2)]).toEqual([0, 0]);
});
