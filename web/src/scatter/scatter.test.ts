import { describe, expect, it } from "vitest";
import { between, fitting, panned, toMap, toPixels, WHOLE, zoomed } from "./camera";
import { along, isInside, nearestTowards, simplified } from "./geometry";
import { placed } from "./names";
import { budgetAfter, mixedOrder } from "./order";
import { bytesOf, lookOf, RAMP, rampIndices } from "./palette";

const size = { width: 800, height: 600 };

describe("the camera", () => {
  it("is its own inverse", () => {
    const camera = { x: 0.3, y: 0.8, zoom: 7 };
    const [x, y] = toMap(camera, size, toPixels(camera, size, [0.31, 0.77]));
    expect(x).toBeCloseTo(0.31, 12);
    expect(y).toBeCloseTo(0.77, 12);
  });
  it("has y up", () => {
    expect(toPixels(WHOLE, size, [0.5, 0.9])[1]).toBeLessThan(300);
  });
  it("zooms about the pointer, within bounds", () => {
    const at = [120, 450] as const;
    const next = zoomed(WHOLE, size, 3, at);
    toMap(next, size, at).forEach((value, axis) => expect(value).toBeCloseTo(toMap(WHOLE, size, at)[axis]!, 12));
    expect(zoomed(WHOLE, size, 1e9, at).zoom).toBe(400);
  });
  it("moves as the hand does", () => {
    const [left] = toPixels(panned(WHOLE, size, 50, 0), size, [0.5, 0.5]);
    expect(left).toBeCloseTo(450, 9);
  });
  it("shows all of some points", () => {
    const camera = fitting([[0.1, 0.1], [0.2, 0.15]], size);
    for (const point of [[0.1, 0.1], [0.2, 0.15]] as const) {
      const [left, top] = toPixels(camera, size, point);
      expect(left).toBeGreaterThan(0);
      expect(left).toBeLessThan(800);
      expect(top).toBeGreaterThan(0);
      expect(top).toBeLessThan(600);
    }
    expect(fitting([], size)).toEqual(WHOLE);
  });
  it("glides evenly to the eye", () => {
    expect(between(WHOLE, { ...WHOLE, zoom: 16 }, 0.5).zoom).toBeCloseTo(4, 12);
  });
});

describe("geometry", () => {
  it("knows in from out, also of a hollow outline", () => {
    const hook = [[0, 0], [4, 0], [4, 4], [0, 4], [0, 3], [3, 3], [3, 1], [0, 1]] as const;
    expect([isInside([3.5, 2], hook), isInside([1, 2], hook), isInside([1, 0.5], hook), isInside([5, 5], hook)]).toEqual([true, false, true, false]);
  });
  it("keeps corners and drops what lies between", () => {
    const way = [[0, 0], [1, 0.001], [2, 0], [2, 1], [2, 2]] as const;
    expect(simplified(way, 0.01)).toEqual([[0, 0], [2, 0], [2, 2]]);
    expect(simplified([[0, 0]], 1)).toEqual([[0, 0]]);
  });
  it("walks a way by its length", () => {
    expect(along([[0, 0], [1, 0], [1, 3]], 0.5)).toEqual([1, 1]);
    expect(along([[0, 0], [1, 0]], 2)).toEqual([1, 0]);
    expect(along([], 0.5)).toBeNull();
  });
  it("finds the nearest ahead, and not what is aside, hidden, or itself", () => {
    const xy = Float32Array.of(0, 0, 0.5, 0, 0.2, 0.9, 1, 0.1);
    const all = () => true;
    expect(nearestTowards(xy, [0, 0], [1, 0], [1, 1], all)).toBe(1);
    expect(nearestTowards(xy, [0, 0], [1, 0], [1, 1], (index) => index !== 1)).toBe(3);
    expect(nearestTowards(xy, [0, 0], [0, 1], [1, 1], all)).toBe(2);
    expect(nearestTowards(xy, [0, 0], [-1, 0], [1, 1], all)).toBe(-1);
  });
});

describe("the order of drawing", () => {
  it("holds every point once, well mixed", () => {
    const order = mixedOrder(1000);
    expect(new Set(order).size).toBe(1000);
    const firstHalf = order.slice(0, 500).filter((index) => index < 500).length;
    expect(Math.abs(firstHalf - 250)).toBeLessThan(40);
    expect([...mixedOrder(0)]).toEqual([]);
  });
  it("draws fewer while frames are late, and more again", () => {
    expect(budgetAfter(100_000, 60, 100_000)).toBe(50_000);
    expect(budgetAfter(100_000, 5000, 100_000)).toBe(30_000);
    expect(budgetAfter(5000, 500, 100_000)).toBe(4000);
    expect(budgetAfter(50_000, 16, 100_000)).toBe(65_000);
    expect(budgetAfter(1000, 500, 1000)).toBe(1000);
  });
});

it("shows the name of the larger cluster where two would overlap", () => {
  const signs = [{ text: "hat", x: 10, y: 10, count: 3 }, { text: "kick", x: 12, y: 12, count: 9 }, { text: "tom", x: 300, y: 10 }, { text: "far", x: 900, y: 10 }];
  const shown = placed(signs, (sign) => [sign.x, sign.y], (text) => text.length * 7, 14, { width: 400, height: 100 });
  expect(shown.map((one) => one.sign.text)).toEqual(["kick", "tom"]);
});

describe("the palette", () => {
  it("gives seventy labels looks of their own, and none to no label", () => {
    const looks = new Set(Array.from({ length: 70 }, (_, rank) => JSON.stringify(lookOf(rank, "x"))));
    expect(looks.size).toBe(70);
    expect(lookOf(3, "").colour).toBe("#8c8c8c");
  });
  it("has a ramp with a place for the unknown", () => {
    expect(RAMP).toHaveLength(256);
    expect([...rampIndices([0, 5, 10, null, NaN, 99], 0, 10)]).toEqual([0, 127, 254, 255, 255, 254]);
    expect(bytesOf("#ff8001")).toEqual([255, 128, 1]);
  });
});
