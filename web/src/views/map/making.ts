/** What clicks, ways and mixes make, and how it is heard. */

import { post } from "../../api/client";
import type { Picked, PathWish, PickWish } from "../../api/types";
import { play, type Voice } from "../../audio/engine";
import type { Point } from "../../scatter/Scatter";
import { reducedMotion } from "../../state/theme";
import { toastError } from "../../state/toasts";
import { instrument } from "../../state/workspace";
import { hear } from "../sounds/hear";
import { soundUrl } from "../sounds/refs";
import { partOf } from "./cloud";
import { busy, cloud, coming, inHand, panel, plot, projection, times, tray, way, waySeconds, type Placed } from "./desk";
import { addPlaced, refreshMade } from "./made";
import { wishOf } from "./mixing";
import { withTime } from "./timing";
import { placeIn, stepsFor, thinned } from "./ways";

let turn = 0;

/** Plays a point of the map. One that is only passed over does not keep a sound that is being made from being heard. */
export async function hearPoint(index: number, isPassing = false): Promise<Voice | null> {
  const map = cloud.value;
  const sound = map?.sounds[index];
  if (!map || !sound) return null;
  if (!isPassing) turn++;
  return hear(sound, map.lengthsS[index] ?? null, partOf(map, index, instrument.value?.duration_s ?? 0) ?? {});
}

export async function hearMade({ made, way: drawn }: Placed): Promise<void> {
  turn++;
  way.value = drawn;
  const voice = await hear(made.sound, made.duration_s);
  if (voice && drawn) followWay(voice, drawn);
}

/** A new sound at a place; `sinceMs` is when it was asked for. */
export async function pickAt(at: Point, sinceMs: number): Promise<void> {
  const wish: PickWish = { at: [[at[0], at[1]]], sounds: [], weights: null, projection: projection.value, seed: 0 };
  way.value = null;
  await make({ kind: "pick", wish, sinceMs, drawn: null });
}

export async function pickMix(sinceMs: number): Promise<void> {
  way.value = null;
  await make({ kind: "pick", wish: wishOf(tray.value, projection.value), sinceMs, drawn: null });
}

export async function pickWay(points: readonly Point[]): Promise<void> {
  if (points.length < 2) return;
  const drawn = thinned(points);
  way.value = drawn;
  const seconds = waySeconds.value;
  const wish: PathWish = { points: drawn.map(([x, y]) => [x, y]), steps: stepsFor(seconds), seconds, projection: projection.value, seed: 0 };
  await make({ kind: "path", wish, sinceMs: null, drawn });
}

interface Order {
  kind: "pick" | "path";
  wish: PickWish | PathWish;
  /** When it was asked for; null where that is not measured. */
  sinceMs: number | null;
  drawn: readonly Point[] | null;
}

let next: Order | null = null;

/** One sound is made at a time. Of what is asked for meanwhile the last is made: clicks do not pile up on a slow machine. */
async function make(order: Order): Promise<void> {
  next = order;
  if (busy.value) return;
  busy.value = 1;
  for (let now: Order | null = next; now; now = next) {
    next = null;
    await fulfil(now);
  }
  busy.value = 0;
}

/** Asks for a sound, and plays it unless something else was played meanwhile. */
async function fulfil({ kind, wish, sinceMs, drawn }: Order): Promise<void> {
  const name = instrument.value?.name;
  if (!name) return;
  const own = ++turn;
  coming.value = drawn ? [] : ((wish as PickWish).at ?? []).slice(0, 1);
  try {
    const { made, at, note } = await post<Picked>(`/api/instruments/${encodeURIComponent(name)}/${kind}`, wish);
    // Where it was asked for, as the history tells it too; a mix lies where the server finds it.
    addPlaced({ made: { ...made, note: made.note || note }, at: placeIn(made.settings) ?? [at[0], at[1]], way: drawn });
    if (own === turn && !next) await playNew(made.sound, made.id, sinceMs, drawn);
    setTimeout(() => void refreshMade(made.id), 2500);
  } catch (thrown) {
    if (own === turn) way.value = null;
    toastError(thrown);
  }
  coming.value = [];
}

async function playNew(sound: string, id: string, sinceMs: number | null, drawn: readonly Point[] | null): Promise<void> {
  inHand.value = { kind: "made", id };
  if (panel.value === "chosen") panel.value = "made";
  const voice = await play(soundUrl(sound), { solo: true });
  if (voice && sinceMs !== null) times.value = withTime(times.value, performance.now() - sinceMs);
  if (voice && drawn) followWay(voice, drawn);
}

/** Moves the play head along a way while it sounds; drawn by the plot alone, without the page. */
function followWay(voice: Voice, points: readonly Point[]): void {
  if (reducedMotion()) return;
  let isOver = false;
  const move = (): void => {
    if (way.value !== points) return;
    plot.current?.setWay(isOver ? { points } : { points, head: voice.position() / Math.max(1e-3, voice.seconds) });
    if (!isOver) requestAnimationFrame(move);
  };
  void voice.ended.then(() => { isOver = true; });
  move();
}

let playingThrough = 0;

/** Plays points one after another, each for a while; anything else that is played ends it. */
export async function playThrough(indices: readonly number[], onStep: (index: number) => void): Promise<void> {
  const own = ++playingThrough;
  for (const index of indices) {
    if (own !== playingThrough) return;
    const voice = await hearPoint(index);
    const mine = turn;
    onStep(index);
    await Promise.race([voice?.ended ?? wait(LONGEST_MS), wait(LONGEST_MS)]);
    if (mine !== turn) return;
  }
}

export const stopThrough = (): void => { playingThrough++; };

const LONGEST_MS = 2500;
const wait = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms); });

