/** The pad between four sounds: its corners, its place, and the sounds of the places that were heard. */

import { signal } from "@preact/signals";
import { post } from "../../api/client";
import type { Model } from "../../api/models";
import { load } from "../../audio/engine";
import { urlOf } from "./audition";
import { cellKey, MIDDLE, snapped, weightsOf, type Place } from "./corners";
import { Newest } from "./newest";
import type { Pad } from "./pattern";
import { forget, sessionOf, type Made } from "./session";

export const CORNERS = 4;

interface Wish {
  sounds: readonly string[];
  place: Place;
}

interface Cell {
  made: Made;
  buffer: AudioBuffer;
}

export class Morphing {
  readonly corners = signal<readonly (Pad | null)[]>(Array.from({ length: CORNERS }, () => null));
  readonly place = signal<Place>(MIDDLE);
  readonly busy = signal(false);
  readonly trouble = signal<unknown>(null);
  /** Places whose sound is at hand, to be shown. */
  readonly known = signal<ReadonlySet<string>>(new Set());
  readonly #cells = new Map<string, Cell>();
  /** Sounds heard while the hand moved, by their cell. */
  readonly #passing = new Map<string, string>();
  /** Cells whose sound is no longer in the history, though still at hand. */
  readonly #gone = new Set<string>();
  readonly #pump: Newest<Wish, Cell>;
  #moving = false;

  constructor(readonly instrument: string) {
    this.#pump = new Newest(
      (wish) => this.#make(wish),
      (_, cell, isNewest) => this.#hear(cell, isNewest),
      (_, error) => { this.trouble.value = error; },
      (busy) => { this.busy.value = busy; },
      15,
    );
  }

  get ready(): boolean {
    return this.corners.value.every(Boolean);
  }

  setCorner(at: number, sound: Pad | null): void {
    this.corners.value = this.corners.value.map((one, place) => (place === at ? sound : one));
    this.known.value = new Set();
    this.trouble.value = null;
  }

  /** Goes to a place and plays it; `rests` where the hand stays there. */
  go(to: Place, rests: boolean): void {
    const place = snapped(to);
    const isHere = place.x === this.place.value.x && place.y === this.place.value.y;
    const wasMoving = this.#moving;
    this.#moving = !rests;
    this.place.value = place;
    if (!this.ready || (isHere && wasMoving && !rests)) return;
    const sounds = this.#sounds();
    const key = cellKey(sounds, place);
    const cell = this.#cells.get(key);
    const mustBeMade = !cell || (rests && this.#gone.has(key));
    if (cell && !(isHere && wasMoving)) this.#hear(cell, true);
    if (mustBeMade && !(isHere && wasMoving && this.#pump.busy)) this.#pump.ask({ sounds, place }, rests);
    else if (!mustBeMade) this.#pump.forget();
    if (rests && !this.#pump.busy) this.#forgetPassing();
  }

  isKnown(place: Place): boolean {
    return this.known.value.has(`${place.x} ${place.y}`);
  }

  #sounds(): readonly string[] {
    return this.corners.value.map((corner) => corner?.sound ?? "");
  }

  async #make({ sounds, place }: Wish): Promise<Cell> {
    const key = cellKey(sounds, place);
    const there = this.#cells.get(key);
    if (there && !this.#gone.has(key)) return there;
    const wasMoving = this.#moving;
    const body = { sounds, weights: weightsOf(place), seed: 0 };
    const answer = await post<Model<"MadeNow">>(`/api/instruments/${encodeURIComponent(this.instrument)}/morph`, body);
    const made = answer.made[0];
    if (!made) throw new Error("The instrument answered with no sound. Try another place.");
    const buffer = await load(urlOf(made.sound));
    const cell = { made, buffer };
    this.#cells.set(key, cell);
    this.#gone.delete(key);
    this.known.value = new Set([...this.known.value, `${place.x} ${place.y}`]);
    if (wasMoving) this.#passing.set(key, made.id);
    return cell;
  }

  #hear(cell: Cell, isNewest: boolean): void {
    this.trouble.value = null;
    sessionOf(this.instrument).hold(cell.made, cell.buffer);
    if (isNewest && !this.#moving) this.#forgetPassing();
  }

  /** What was heard only in passing does not fill the history; its sound stays at hand here. */
  #forgetPassing(): void {
    const here = cellKey(this.#sounds(), this.place.value);
    const gone = [...this.#passing].filter(([key]) => key !== here);
    this.#passing.clear();
    for (const [key] of gone) this.#gone.add(key);
    if (gone.length) forget(gone.map(([, id]) => id));
  }
}

const all = new Map<string, Morphing>();

export function morphingOf(instrument: string): Morphing {
  const known = all.get(instrument);
  if (known) return known;
  const made = new Morphing(instrument);
  all.set(instrument, made);
  return made;
}
