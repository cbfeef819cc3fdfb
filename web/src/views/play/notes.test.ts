import { expect, it } from "vitest";
import { baseOf, gainOf, isBlack, KEY_COUNT, letterOf, nameOf, rateOf, readMidi, semitoneOf } from "./notes";

it("lays a piano on the letters", () => {
  expect(["KeyA", "KeyW", "KeyS", "KeyK", "Quote"].map(semitoneOf)).toEqual([0, 1, 2, 12, 17]);
  expect([semitoneOf("KeyQ"), semitoneOf("Space")]).toEqual([null, null]);
  expect([letterOf(0), letterOf(12), KEY_COUNT]).toEqual(["A", "K", 18]);
  expect(Array.from({ length: 12 }, (_, at) => at).filter((at) => isBlack(baseOf(4) + at)).map(letterOf)).toEqual(["W", "E", "T", "Y", "U"]);
});

it("pitches by playback rate: an octave is twice as fast", () => {
  expect([rateOf(60), rateOf(72), rateOf(48)]).toEqual([1, 2, 0.5]);
  expect(rateOf(69) * 261.6256).toBeCloseTo(440, 3);
  expect([nameOf(60), nameOf(61), baseOf(4)]).toEqual(["C 4", "C sharp 4", 60]);
});

it("harder is louder, from silence to full", () => {
  const gains = [0, 1, 64, 100, 127].map(gainOf);
  expect(gains[0]).toBe(0);
  expect(gains[4]).toBe(1);
  expect([...gains].sort((one, other) => one - other)).toEqual(gains);
});

it("reads MIDI notes on every channel", () => {
  expect(readMidi([0x93, 64, 90])).toEqual({ kind: "on", note: 64, velocity: 90 });
  expect(readMidi([0x90, 64, 0])).toEqual({ kind: "off", note: 64 });
  expect(readMidi([0x8f, 64, 10])).toEqual({ kind: "off", note: 64 });
  expect(readMidi([0xb0, 123, 0])).toEqual({ kind: "silence" });
  expect([readMidi([0xf8]), readMidi([0xb0, 1, 5])]).toEqual([null, null]);
});
