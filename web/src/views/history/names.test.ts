import { expect, it } from "vitest";
import { apart, labelOf, namesOf, safeName, type Made } from "./names";

const made = (some: Partial<Made>): Made => ({ kind: "play", instrument: "shot", seed: 7, parents: [], ...some }) as Made;

it("writes names as the server does", () => {
  expect([safeName("../Große Trommel: 1"), safeName("???"), safeName("con"), safeName("a<script>b")]).toEqual(["Große Trommel_ 1", "sound", "_con", "a_script_b"]);
  expect(safeName("ü".repeat(100))).toBe("ü".repeat(48));
});

it("fills the parts of a pattern, with numbers of one width", () => {
  const all = Array.from({ length: 10 }, (_, at) => made({ seed: at, parents: [{ name: "x" }, { label: "kick" }] }));
  const names = namesOf(all, "{label} {n} {instrument}-{seed}{x}");
  expect([names[0], names[9]]).toEqual(["kick 01 shot-0_x", "kick 10 shot-9_x"]);
  expect(labelOf(made({}))).toBe("play");
});

it("keeps files of one name apart", () => {
  expect(apart(["kick", "Kick", "snare", "kick"])).toEqual(["kick", "Kick 2", "snare", "kick 3"]);
});
