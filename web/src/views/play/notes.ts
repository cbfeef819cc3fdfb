/** Keys of a computer as keys of a piano, and notes as playback rates. Pure. */

/** A piano's keys on two rows of letters, by where they lie on the board: one octave and a half. */
const ROW = ["KeyA", "KeyW", "KeyS", "KeyE", "KeyD", "KeyF", "KeyT", "KeyG", "KeyY", "KeyH", "KeyU", "KeyJ", "KeyK", "KeyO", "KeyL", "KeyP", "Semicolon", "Quote"];
const LETTERS = ["A", "W", "S", "E", "D", "F", "T", "G", "Y", "H", "U", "J", "K", "O", "L", "P", ";", "'"];

export const KEY_COUNT = ROW.length;
/** C4: where a sound is heard as it was made. */
export const ROOT = 60;
export const LOWEST_OCTAVE = 0;
export const HIGHEST_OCTAVE = 7;

/** How many semitones above the left-most key; null for another key. */
export function semitoneOf(code: string): number | null {
  const at = ROW.indexOf(code);
  return at < 0 ? null : at;
}

export const letterOf = (semitone: number): string => LETTERS[semitone] ?? "";

/** The note of the left-most key of an octave; octave 4 begins at C4. */
export const baseOf = (octave: number): number => 12 * (octave + 1);

export const rateOf = (note: number, root = ROOT): number => 2 ** ((note - root) / 12);

/** As ears take it: half the velocity is a good deal softer. */
export const gainOf = (velocity: number): number => Math.min(1, Math.max(0, velocity / 127)) ** 1.6;

const NAMES = ["C", "C sharp", "D", "D sharp", "E", "F", "F sharp", "G", "G sharp", "A", "A sharp", "B"];

export const isBlack = (note: number): boolean => [1, 3, 6, 8, 10].includes(note % 12);
export const nameOf = (note: number): string => `${NAMES[((note % 12) + 12) % 12]} ${Math.floor(note / 12) - 1}`;

export type MidiEvent = { kind: "on"; note: number; velocity: number } | { kind: "off"; note: number } | { kind: "silence" };

/** Reads a message of a MIDI keyboard; null for what is not a note. A note of velocity 0 ends. */
export function readMidi(data: ArrayLike<number>): MidiEvent | null {
  const [status = 0, first = 0, second = 0] = [data[0], data[1], data[2]];
  const command = status & 0xf0;
  if (command === 0x90 && second > 0) return { kind: "on", note: first, velocity: second };
  if (command === 0x80 || command === 0x90) return { kind: "off", note: first };
  if (command === 0xb0 && (first === 120 || first === 123)) return { kind: "silence" };
  return null;
}
