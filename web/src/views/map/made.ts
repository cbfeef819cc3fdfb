/** Sounds that were made here: asked for, changed, found again. */

import { get } from "../../api/client";
import { changeMade } from "../../api/made";
import type { Made, MadeChange, MadeSounds } from "../../api/types";
import { remember } from "../../state/storage";
import { toastError } from "../../state/toasts";
import { placed, projection, type Placed } from "./desk";
import { placeIn, wayIn } from "./ways";

const MOST = 100;
const MOST_KEPT = 300;
const KINDS = new Set(["pick", "path"]);

/** Those that were made of this map before, the newest first. */
export async function findMade(instrument: string, signal: AbortSignal): Promise<void> {
  const { made } = await get<MadeSounds>("/api/made", { query: { words: instrument, count: MOST, only: "kept" }, signal });
  const here = made.filter((one) => one.instrument === instrument && KINDS.has(one.kind) && one.settings?.["projection"] === projection.value);
  const known = new Set(placed.value.map((one) => one.made.id));
  placed.value = [...placed.value, ...here.filter((one) => !known.has(one.id)).map(placedOf)].slice(0, MOST_KEPT);
}

const placedOf = (made: Made): Placed => ({ made, at: placeIn(made.settings), way: wayIn(made.settings) });

export function addPlaced(one: Placed): void {
  placed.value = [one, ...placed.value].slice(0, MOST_KEPT);
}

/** Stars or rejects; shown at once, and taken back where the server refuses. */
export async function judge(id: string, verdict: "star" | "reject" | null): Promise<void> {
  const before = placed.value;
  const change: MadeChange = { starred: verdict === "star", rejected: verdict === "reject" };
  update(id, { starred: verdict === "star", rejected: verdict === "reject" });
  try {
    update(id, await changeMade(id, change));
  } catch (thrown) {
    placed.value = before;
    toastError(thrown);
  }
}

function update(id: string, change: Partial<Made>): void {
  placed.value = placed.value.map((one) => (one.made.id === id ? { ...one, made: { ...one.made, ...change } } : one));
}

/** Distances are measured by and by: asks for those that lacked them. */
export async function refreshMade(id: string): Promise<void> {
  const made = await get<Made>(`/api/made/${id}`).catch(() => null);
  if (made) update(id, made);
}

/** Something was dragged out or downloaded: the last step of the first way. */
export const tookAway = (): void => remember("took", "yes");
