/** The sound in hand as notes: from the computer's keys, the piano on the page, or a MIDI keyboard. */

import { signal } from "@preact/signals";
import { start, type Voice } from "../../audio/engine";
import { remember, remembered } from "../../state/storage";
import { gainOf, rateOf } from "./notes";

export const octave = signal(4);
export const velocity = signal(100);
export const release = signal(readRelease());
/** Whether letters play notes; the page's other letters rest meanwhile. */
export const lettersPlay = signal(remembered("play.letters") !== "no");
/** Notes that sound now. */
export const held = signal<ReadonlySet<number>>(new Set());

const voices = new Map<number, Voice>();

export function setLettersPlay(on: boolean): void {
  lettersPlay.value = on;
  remember("play.letters", on ? "yes" : "no");
}

export function setRelease(seconds: number): void {
  release.value = seconds;
  remember("play.release", String(seconds));
}

function readRelease(): number {
  const kept = Number(remembered("play.release") ?? 0.25);
  return kept >= 0.02 && kept <= 4 ? kept : 0.25;
}

/** Begins a note; one that sounds already begins anew. */
export function noteOn(buffer: AudioBuffer, note: number, strength: number): void {
  voices.get(note)?.stop(0.02);
  const voice = start(buffer, { rate: rateOf(note), gain: gainOf(strength) });
  voices.set(note, voice);
  held.value = new Set([...held.value, note]);
  void voice.ended.then(() => { if (voices.get(note) === voice) drop(note); });
}

export function noteOff(note: number): void {
  voices.get(note)?.stop(release.value);
  drop(note);
}

export function silence(): void {
  for (const note of [...voices.keys()]) noteOff(note);
}

function drop(note: number): void {
  voices.delete(note);
  held.value = new Set([...held.value].filter((other) => other !== note));
}
