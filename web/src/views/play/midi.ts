/** MIDI keyboards, asked for only when a person wants one. */

import { signal } from "@preact/signals";
import { readMidi, type MidiEvent } from "./notes";

export type MidiState =
  | { kind: "off" }
  | { kind: "asking" }
  | { kind: "on"; inputs: readonly string[] }
  | { kind: "no"; why: string };

export const midi = signal<MidiState>({ kind: "off" });
const listeners = new Set<(event: MidiEvent) => void>();

/** Hears notes as long as the function it gives back is not called. */
export function onMidi(listener: (event: MidiEvent) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export async function askForMidi(): Promise<void> {
  if (typeof navigator.requestMIDIAccess !== "function") {
    midi.value = { kind: "no", why: "This browser knows no MIDI. Chrome, Edge and Firefox do; the computer's keys play as well." };
    return;
  }
  midi.value = { kind: "asking" };
  try {
    const access = await navigator.requestMIDIAccess();
    const hear = (): void => listen(access);
    access.onstatechange = hear;
    hear();
  } catch {
    midi.value = { kind: "no", why: "The browser did not let the page hear MIDI. Allow it by the sign beside the page's address, and try again." };
  }
}

function listen(access: MIDIAccess): void {
  const inputs = [...access.inputs.values()];
  for (const input of inputs) input.onmidimessage = (message) => tell(message.data);
  midi.value = { kind: "on", inputs: inputs.filter((input) => input.state === "connected").map((input) => input.name || "A MIDI keyboard") };
}

function tell(data: Uint8Array | null): void {
  const event = data && readMidi(data);
  if (event) for (const listener of listeners) listener(event);
}
