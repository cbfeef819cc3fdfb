import { expect, it } from "vitest";
import { cellKey, MIDDLE, saysOf, snapped, stepped, weightsOf } from "./corners";

it("holds one corner alone in a corner, and a quarter of each in the middle", () => {
  expect(weightsOf({ x: 0, y: 0 })).toEqual([1, 0, 0, 0]);
  expect(weightsOf({ x: 1, y: 0 })).toEqual([0, 1, 0, 0]);
  expect(weightsOf({ x: 0, y: 1 })).toEqual([0, 0, 1, 0]);
  expect(weightsOf({ x: 1, y: 1 })).toEqual([0, 0, 0, 1]);
  expect(weightsOf(MIDDLE)).toEqual([0.25, 0.25, 0.25, 0.25]);
});

it("weights sum to 1 exactly at every place of the grid", () => {
  for (let x = 0; x <= 16; x++)
    for (let y = 0; y <= 16; y++) expect(weightsOf({ x: x / 16, y: y / 16 }).reduce((sum, one) => sum + one, 0)).toBe(1);
});

it("snaps into the pad", () => {
  expect(snapped({ x: -3, y: 7 })).toEqual({ x: 0, y: 1 });
  expect(snapped({ x: 0.49, y: 0.52 })).toEqual({ x: 0.5, y: 0.5 });
});

it("moves by keys and stops at the edge", () => {
  expect(stepped(MIDDLE, "ArrowLeft", false)).toEqual({ x: 0.4375, y: 0.5 });
  expect(stepped(MIDDLE, "ArrowDown", true)).toEqual({ x: 0.5, y: 0.75 });
  expect(stepped({ x: 0, y: 0 }, "ArrowUp", true)).toEqual({ x: 0, y: 0 });
  expect(stepped({ x: 0, y: 0 }, "Home", false)).toEqual(MIDDLE);
  expect(stepped(MIDDLE, "q", false)).toBeNull();
});

it("says what is heard, and tells places apart", () => {
  expect(saysOf(["a", "b", "c", "d"], { x: 0.25, y: 0 })).toBe("75 % of a, 25 % of b");
  expect(cellKey(["a", "b"], MIDDLE)).not.toBe(cellKey(["a", "c"], MIDDLE));
});
