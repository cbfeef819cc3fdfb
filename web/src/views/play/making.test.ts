import { expect, it } from "vitest";
import { heardPart, kitLabels, plainName } from "./making";

it("gives a kit each of the instrument's labels by turns, or the one that was asked for", () => {
  expect(kitLabels("", ["clap", "", "kick"], 5)).toEqual(["clap", "kick", "clap", "kick", "clap"]);
  expect(kitLabels("kick", ["clap", "kick"], 2)).toEqual(["kick", "kick"]);
  expect(kitLabels("", ["audio"], 2)).toEqual(["", ""]);
});

it("shows names without their number", () => {
  expect([plainName("0001-hand_drum"), plainName("0001-"), plainName("808-kick.flac")]).toEqual(["hand_drum", "0001-", "808-kick"]);
});

it("cuts a picture where the sound has faded", () => {
  expect([...heardPart(new Float32Array([0, -1, 0.5, 0.001, 0, 0]))]).toEqual([0, -1, 0.5]);
  expect(heardPart(new Float32Array([0, 0])).length).toBe(1);
});
