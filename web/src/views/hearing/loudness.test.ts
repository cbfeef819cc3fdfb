import { describe, expect, it } from "vitest";
import { loudnessOf, matchedGains } from "./loudness";

const sine = (hz: number, seconds: number, rate: number, peak = 1): Float32Array =>
  Float32Array.from({ length: Math.round(seconds * rate) }, (_, at) => peak * Math.sin((2 * Math.PI * hz * at) / rate));

describe("loudnessOf", () => {
  it.each([16000, 44100, 48000])("a full 997 Hz sine in one channel is -3.01 LUFS at %i Hz", (rate) => {
    expect(loudnessOf([sine(997, 3, rate)], rate)).toBeCloseTo(-3.01, 1);
  });
  it("a second channel adds 3 dB", () => {
    const one = sine(997, 2, 48000, 0.1);
    expect(loudnessOf([one, one], 48000) - loudnessOf([one], 48000)).toBeCloseTo(3.01, 2);
  });
  it("silence between sounds counts for nothing", () => {
    const one = sine(997, 2, 16000, 0.2);
    const padded = new Float32Array(16000 * 10);
    padded.set(one);
    expect(loudnessOf([padded], 16000)).toBeCloseTo(loudnessOf([one], 16000), 0);
  });
  it("short sounds are measured whole, silence has none", () => {
    expect(loudnessOf([sine(997, 0.1, 48000, 0.1)], 48000)).toBeCloseTo(-23, 0);
    expect(loudnessOf([new Float32Array(1000)], 48000)).toBe(-Infinity);
    expect(loudnessOf([], 48000)).toBe(-Infinity);
  });
});

describe("matchedGains", () => {
  it("turns the louder down", () => {
    expect(matchedGains([-20, -14])[0]).toBe(1);
    expect(matchedGains([-20, -14])[1]).toBeCloseTo(10 ** (-6 / 20));
  });
  it("leaves silence alone and never goes beyond 24 dB", () => {
    expect(matchedGains([-Infinity, -10])).toEqual([1, 1]);
    expect(matchedGains([-80, -10])[1]).toBeCloseTo(10 ** (-24 / 20));
  });
});
