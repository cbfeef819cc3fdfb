/** The history as the view holds it: what is looked for, which sound is in hand, which are chosen. */

import { signal } from "@preact/signals";
import { get } from "../../api/client";
import { changeMade } from "../../api/made";
import type { Model } from "../../api/models";
import { toastError } from "../../state/toasts";
import type { Made } from "./names";

export type Only = "all" | "starred" | "kept" | "rejected";
export type Order = "newest" | "name" | "duration" | "distance";

export interface Query {
  words: string;
  only: Only;
  order: Order;
}

export const query = signal<Query>({ words: "", only: "all", order: "newest" });
export const current = signal<Made | null>(null);
export const selected = signal<ReadonlySet<string>>(new Set());
/** Sounds as they are after a change made here, until the list is asked for anew. */
export const altered = signal<ReadonlyMap<string, Made>>(new Map());
/** Sounds that will be deleted in a moment, unless that is taken back. */
export const going = signal<ReadonlySet<string>>(new Set());
/** Until when news of the server are the echo of what was done here. */
let quietUntil = 0;

export const urlOf = (sound: string): string => `/api/sounds/${sound}`;
export const asItIs = (made: Made): Made => altered.value.get(made.id) ?? made;
export const isEcho = (): boolean => performance.now() < quietUntil;

export function expectEcho(): void {
  quietUntil = performance.now() + 700;
}

export async function page(asked: Query, start: number, count: number, signal?: AbortSignal): Promise<Model<"MadeSounds">> {
  return get<Model<"MadeSounds">>("/api/made", { query: { ...asked, start, count }, signal });
}

const PAGE = 1000;

/** All that a query finds, page after page. */
export async function everything(asked: Query): Promise<Made[]> {
  const all: Made[] = [];
  for (;;) {
    const { made, total } = await page(asked, all.length, PAGE);
    all.push(...made);
    if (!made.length || all.length >= total) return all;
  }
}

/** The chosen sounds, in the order of the list. */
export async function chosen(): Promise<Made[]> {
  const ids = selected.value;
  const all = await everything({ words: "", only: "all", order: query.value.order });
  return all.filter((made) => ids.has(made.id) && !going.value.has(made.id)).map(asItIs);
}

/** Takes note of sounds as they are now, everywhere they are shown. */
export function take(all: readonly Made[]): void {
  altered.value = new Map([...altered.value, ...all.map((made) => [made.id, made] as const)]);
  const now = current.value && altered.value.get(current.value.id);
  if (now) current.value = now;
}

/** Changes a sound; gives it as it is then, or null where that failed, which is told. */
export async function change(id: string, wish: Model<"MadeChange">): Promise<Made | null> {
  expectEcho();
  try {
    const told = await changeMade(id, wish);
    expectEcho();
    take([told]);
    return told;
  } catch (thrown) {
    toastError(thrown);
    return null;
  }
}

export type Verdict = "star" | "reject" | null;
export const verdictOf = (made: Made): Verdict => (made.starred ? "star" : made.rejected ? "reject" : null);

/** Keeps or rejects; the same again takes it back. */
export function judge(made: Made, which: "star" | "reject"): Promise<Made | null> {
  const isSo = verdictOf(made) === which;
  return change(made.id, { starred: which === "star" && !isSo, rejected: which === "reject" && !isSo });
}
