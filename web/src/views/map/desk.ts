/** What lies on the map's desk: signals that outlive a change of view, and begin anew with another instrument. */

import { computed, signal } from "@preact/signals";
import type { Made, PickWish } from "../../api/types";
import type { Mark, Mode, Point, Scatter } from "../../scatter/Scatter";
import { remember, remembered } from "../../state/storage";
import { token } from "../../state/theme";
import { placeOf, type Cloud } from "./cloud";
import type { Colouring } from "./colouring";
import { LETTERS, type Ingredient } from "./mixing";

export type Projection = PickWish["projection"];
export const PROJECTIONS: readonly Projection[] = ["umap", "tsne", "pca"];

/** A sound that was made here, and where. */
export interface Placed {
  made: Made;
  at: Point | null;
  way: readonly Point[] | null;
}

/** What is in hand: a point of the map, or a sound that was made. */
export type InHand = { kind: "point"; index: number } | { kind: "made"; id: string } | null;

export const cloud = signal<Cloud | null>(null);
export const hovered = signal(-1);
export const inHand = signal<InHand>(null);
export const placed = signal<readonly Placed[]>([]);
export const tray = signal<readonly Ingredient[]>([]);
/** Indices of chosen points, in the order in which they are listed; null for none. */
export const chosen = signal<readonly number[] | null>(null);
/** How `chosen` came to be, in words. */
export const chosenAs = signal("");
export const mode = signal<Mode>("explore");
export const way = signal<readonly Point[] | null>(null);
/** Where sounds are being made. */
export const coming = signal<readonly Point[]>([]);
/** How many sounds are being made. */
export const busy = signal(0);
export const times = signal<readonly number[]>([]);
export const hidden = signal<ReadonlySet<number>>(new Set());
export const panel = signal<"made" | "mix" | "chosen">("made");
export const waySeconds = signal(4);

const savedProjection = remembered("map.projection");
export const projection = signal<Projection>(PROJECTIONS.find((one) => one === savedProjection) ?? "umap");
export const colouring = signal<Colouring>("group");
export const playOnHover = signal(remembered("map.hover") !== "off");

/** The plot, for showing places; null while there is none. */
export const plot: { current: Scatter | null } = { current: null };

export function setProjection(next: Projection): void {
  projection.value = next;
  remember("map.projection", next);
}

export function setPlayOnHover(on: boolean): void {
  playOnHover.value = on;
  remember("map.hover", on ? "on" : "off");
}

export function setColouring(next: Colouring): void {
  colouring.value = next;
  hidden.value = new Set();
}

/** Another map: nothing of the last one fits it. */
export function clearDesk(): void {
  cloud.value = null;
  hovered.value = -1;
  inHand.value = null;
  placed.value = [];
  tray.value = [];
  choose(null);
  way.value = null;
  hidden.value = new Set();
}

export function choose(indices: readonly number[] | null, as = ""): void {
  chosen.value = indices?.length ? indices : null;
  chosenAs.value = indices?.length ? as : "";
  if (indices?.length) panel.value = "chosen";
  else if (panel.value === "chosen") panel.value = "made";
}

export const madeInHand = computed<Placed | null>(() => {
  const now = inHand.value;
  return now?.kind === "made" ? (placed.value.find((one) => one.made.id === now.id) ?? null) : null;
});

const MOST_MARKS = 100;

/** Rings and dots over the map. */
export const marks = computed<readonly Mark[]>(() => {
  const map = cloud.value;
  if (!map) return [];
  const now = inHand.value;
  const all: Mark[] = [];
  for (const [x, y] of coming.value) all.push({ x, y, kind: "ring", colour: token("soft") });
  for (const { made, at } of placed.value.slice(0, MOST_MARKS))
    if (at && !made.rejected) all.push({ x: at[0], y: at[1], kind: "new" });
  const own = now?.kind === "made" ? madeInHand.value?.at : now ? placeOf(map, now.index) : null;
  if (own) all.push({ x: own[0], y: own[1], kind: "ring" });
  tray.value.forEach((one, at) => { if (one.at) all.push({ x: one.at[0], y: one.at[1], kind: "ring", text: LETTERS[at] }); });
  return all;
});

let indexBySound: { of: Cloud; map: Map<string, number> } | null = null;

/** Where a sound of the library is on the map; -1 where it is not. */
export function indexOf(sound: string): number {
  const map = cloud.value;
  if (!map) return -1;
  if (indexBySound?.of !== map) {
    indexBySound = { of: map, map: new Map() };
    for (let index = map.count - 1; index >= 0; index--) indexBySound.map.set(map.sounds[index] ?? "", index);
  }
  return indexBySound.map.get(sound) ?? -1;
}
