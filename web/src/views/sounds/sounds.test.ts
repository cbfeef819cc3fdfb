import { expect, test } from "vitest";
import { mediaType, outsideName, pieceOf } from "./refs";
import { distanceWords, labelName, length, level, rate } from "./words";

test("a file keeps its name outside, but for kinds that come as WAV", () => {
  expect(outsideName("kick.flac")).toBe("kick.flac");
  expect(outsideName("kick.aiff")).toBe("kick.wav");
  expect(outsideName("kick 01")).toBe("kick 01.wav");
  expect(mediaType("a.FLAC")).toBe("audio/flac");
  expect(mediaType("a.wav")).toBe("audio/wav");
});

test("a piece has its share of the outline", () => {
  const peaks = { duration_s: 10, sample_rate: 1, channels: 1, peaks: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] };
  expect(pieceOf(peaks, 0, 20)).toEqual(peaks.peaks);
  expect(pieceOf(peaks, 2, 3)).toEqual([2, 3, 4]);
  expect(pieceOf(peaks, 9.9, 0.01).length).toBeLessThanOrEqual(1);
});

test("facts are told in words", () => {
  expect(length(0.4234)).toBe("0.42 s");
  expect(length(12.34)).toBe("12.3 s");
  expect(length(185)).toBe("3:05");
  expect(rate(44100)).toBe("44.1 kHz");
  expect(rate(22050)).toBe("22.05 kHz");
  expect(level(-12.34)).toBe("−12.3");
  expect(level(null)).toBe("–");
  expect(labelName("")).toBe("no label");
  expect(distanceWords(0.2)).toBe("very near");
});
