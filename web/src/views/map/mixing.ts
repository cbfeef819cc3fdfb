/** Sounds and places in a tray, with weights: A - B + C. Pure. */

import type { PickWish } from "../../api/types";
import type { Point } from "../../scatter/Scatter";

export const MOST = 4;
export const LETTERS = ["A", "B", "C", "D"] as const;

export interface Ingredient {
  /** "library:ID" or "made:ID"; null for a place alone. */
  sound: string | null;
  at: Point | null;
  name: string;
  weight: number;
}

/** Puts one in; the same sound is not put in twice, and a full tray loses its first. */
export function withIngredient(tray: readonly Ingredient[], one: Omit<Ingredient, "weight">): readonly Ingredient[] {
  const isIn = tray.some((other) => (one.sound ? other.sound === one.sound : !other.sound && other.at?.[0] === one.at?.[0] && other.at?.[1] === one.at?.[1]));
  return isIn ? tray : [...tray, { ...one, weight: 1 }].slice(-MOST);
}

export const withWeight = (tray: readonly Ingredient[], at: number, weight: number): readonly Ingredient[] =>
  tray.map((one, place) => (place === at ? { ...one, weight } : one));

export const without = (tray: readonly Ingredient[], at: number): readonly Ingredient[] => tray.filter((_, place) => place !== at);

/** Arithmetic that makes sense of so many: what it is called, and its weights. */
export function recipesFor(count: number): { name: string; weights: number[] }[] {
  const even = { name: "Even", weights: new Array<number>(count).fill(1) };
  if (count === 2) return [even, { name: "Beyond A", weights: [2, -1] }, { name: "Beyond B", weights: [-1, 2] }];
  if (count === 3) return [even, { name: "A − B + C", weights: [1, -1, 1] }];
  if (count === 4) return [even, { name: "A − B + C", weights: [1, -1, 1, 0] }, { name: "A + B − C", weights: [1, 1, -1, 0] }];
  return [even];
}

/** The weights as a sum: "A − 0.5 B + C". */
export function formula(tray: readonly Ingredient[]): string {
  return tray
    .map(({ weight }, at) => ({ weight, letter: LETTERS[at] ?? "?" }))
    .filter(({ weight }) => weight !== 0)
    .map(({ weight, letter }, at) => {
      const size = Math.abs(weight) === 1 ? letter : `${Number(Math.abs(weight).toFixed(2))} ${letter}`;
      return at === 0 ? (weight < 0 ? `−${size}` : size) : `${weight < 0 ? "−" : "+"} ${size}`;
    })
    .join(" ");
}

/** Whether it can be played: something in it, and no sum that comes to nothing. */
export function trouble(tray: readonly Ingredient[]): string {
  if (!tray.length) return "Put a sound in.";
  const sum = tray.reduce((total, one) => total + one.weight, 0);
  return tray.every((one) => one.weight === 0) || Math.abs(sum) < 1e-6 ? "The weights add up to nothing: raise one." : "";
}

/** What the server is asked for: places first, then sounds, with their weights in that order. */
export function wishOf(tray: readonly Ingredient[], projection: PickWish["projection"]): PickWish {
  const used = tray.filter((one) => one.weight !== 0);
  const [places, sounds] = [used.filter((one) => !one.sound), used.filter((one) => one.sound)];
  return {
    at: places.map((one) => [one.at?.[0] ?? 0, one.at?.[1] ?? 0]),
    sounds: sounds.map((one) => one.sound ?? ""),
    weights: [...places, ...sounds].map((one) => one.weight),
    projection,
    seed: 0,
  };
}
