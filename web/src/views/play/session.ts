/** What is in hand of one instrument: the takes with undo and redo, and the sound that is heard. */

import { signal } from "@preact/signals";
import { post } from "../../api/client";
import type { Model } from "../../api/models";
import { load } from "../../audio/engine";
import { toastError } from "../../state/toasts";
import { begin, redo, replace, step, undo, type History } from "../../state/undo";
import { audition, urlOf } from "./audition";
import { Newest } from "./newest";
import { firstTake, keyOf, randomSeed, wishOf, type Take } from "./takes";

export type Made = Model<"Made">;

export interface Heard {
  made: Made;
  buffer: AudioBuffer;
  /** Where it came from: the take that made it, or "" for the pad, the history, the library. */
  key: string;
}

export class Session {
  readonly history = signal<History<Take>>(begin(firstTake(randomSeed())));
  readonly heard = signal<Heard | null>(null);
  readonly busy = signal(false);
  /** What could not be made, until something can. */
  readonly trouble = signal<unknown>(null);
  /** How long the last sound took to make, in seconds; 0 before the first. */
  readonly took = signal(0);
  readonly #kept = new Map<string, Made>();
  readonly #passing = new Map<string, string>();
  readonly #pump: Newest<Take, Heard>;
  #moving = false;

  constructor(readonly instrument: string) {
    this.#pump = new Newest(
      (take) => this.#make(take),
      (_, heard, isNewest) => this.#take(heard, isNewest),
      (_, error) => { this.trouble.value = error; },
      (busy) => { this.busy.value = busy; },
    );
  }

  get take(): Take {
    return this.history.value.present;
  }

  /** Makes another take and plays it; a step that can be undone. */
  set(take: Take): void {
    this.history.value = step(this.history.value, take);
    this.want(true);
  }

  /** The same while a hand moves: one step for the whole move. What is only passed over is not kept. */
  move(take: Take): void {
    this.history.value = this.#moving ? replace(this.history.value, take) : step(this.history.value, take);
    this.#moving = true;
    this.want();
  }

  /** The hand rests. */
  rest(): void {
    if (!this.#moving) return;
    this.#moving = false;
    if (!this.#pump.busy) this.#forgetPassing();
  }

  renew(): void {
    this.set({ ...this.take, seed: randomSeed() });
  }

  /** A lock changes what the next sound keeps, not this one. */
  note(take: Take): void {
    this.history.value = step(this.history.value, take);
  }

  undo(): void {
    this.#go(undo(this.history.value));
  }

  redo(): void {
    this.#go(redo(this.history.value));
  }

  /** Takes a sound in hand that something else made. */
  hold(made: Made, buffer: AudioBuffer, plays = true): void {
    this.trouble.value = null;
    this.heard.value = { made, buffer, key: "" };
    if (plays) audition(buffer, urlOf(made.sound));
  }

  /** The sound as it is after a change of its verdict. */
  changed(made: Made): void {
    if (this.heard.value?.made.id === made.id) this.heard.value = { ...this.heard.value, made };
    for (const [key, kept] of this.#kept) if (kept.id === made.id) this.#kept.set(key, made);
  }

  /** Makes the sound of the present take, or takes it from those that were made. */
  want(now = false): void {
    const kept = this.#kept.get(keyOf(this.take));
    if (!kept) return this.#pump.ask(this.take, now);
    this.#pump.forget();
    const key = keyOf(this.take);
    load(urlOf(kept.sound)).then(
      (buffer) => { if (key === keyOf(this.take)) this.#take({ made: kept, buffer, key }, true); },
      () => {
        // Deleted in the meantime: it is made again.
        this.#kept.delete(key);
        this.#pump.ask(this.take, true);
      },
    );
  }

  #go(history: History<Take>): void {
    if (history === this.history.value) return;
    this.history.value = history;
    this.want(true);
  }

  async #make(take: Take): Promise<Heard> {
    const key = keyOf(take);
    const wasMoving = this.#moving;
    const began = performance.now();
    const answer = await post<Model<"MadeNow">>(`/api/instruments/${encodeURIComponent(this.instrument)}/play`, wishOf(take));
    const made = answer.made[0];
    if (!made) throw new Error("The instrument answered with no sound. Try another seed.");
    this.took.value = (performance.now() - began) / 1000;
    const buffer = await load(urlOf(made.sound));
    this.#kept.set(key, made);
    if (wasMoving) this.#passing.set(key, made.id);
    return { made, buffer, key };
  }

  #take(heard: Heard, isNewest: boolean): void {
    this.trouble.value = null;
    this.heard.value = heard;
    audition(heard.buffer, urlOf(heard.made.sound));
    if (isNewest && !this.#moving) this.#forgetPassing();
  }

  /** What was heard only in passing does not fill the history. */
  #forgetPassing(): void {
    const present = keyOf(this.take);
    const past = new Set([...this.history.value.past, ...this.history.value.future].map(keyOf));
    const gone = [...this.#passing].filter(([key]) => key !== present && !past.has(key));
    this.#passing.clear();
    for (const [key] of gone) this.#kept.delete(key);
    if (gone.length) forget(gone.map(([, id]) => id));
  }
}

/** Takes sounds out of the history that were only heard in passing. */
export function forget(ids: readonly string[]): void {
  post("/api/made/delete", { ids }).catch(toastError);
}

const sessions = new Map<string, Session>();

/** The session of an instrument, kept while the page is open. */
export function sessionOf(instrument: string): Session {
  const known = sessions.get(instrument);
  if (known) return known;
  const made = new Session(instrument);
  sessions.set(instrument, made);
  return made;
}
