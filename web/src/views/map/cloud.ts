/** The map as it is drawn: columns of the server's answer, unpacked once. Pure. */

import type { Map as Told } from "../../api/types";
import type { Point } from "../../scatter/Scatter";

export interface Cloud {
  count: number;
  /** x, y, x, y ... */
  positions: Float32Array;
  sounds: readonly string[];
  names: readonly string[];
  groups: readonly string[];
  /** What the groups are, such as "label". */
  heading: string;
  colours: readonly string[];
  group: readonly number[];
  signs: readonly { text: string; x: number; y: number; count: number }[];
  startsS: readonly number[];
  lengthsS: readonly (number | null)[];
  pitches: readonly (number | null)[];
  levels: readonly (number | null)[];
  added: number;
}

export function cloudOf(told: Told): Cloud {
  const positions = floats(told.positions);
  const count = positions.length / 2;
  return {
    count,
    positions,
    sounds: told.sounds ?? [],
    names: told.names ?? [],
    groups: told.groups ?? [],
    heading: told.heading,
    colours: told.colours ?? [],
    group: told.group ?? [],
    signs: told.signs ?? [],
    startsS: told.starts_s ?? [],
    lengthsS: told.duration_s ?? [],
    pitches: told.pitch_semitones ?? [],
    levels: told.loudness_lufs ?? [],
    added: told.added,
  };
}

/** Little-endian float32 in base64. */
export function floats(base64: string): Float32Array {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  const view = new DataView(bytes.buffer);
  return Float32Array.from({ length: bytes.length >> 2 }, (_, at) => view.getFloat32(at * 4, true));
}

export const placeOf = (cloud: Cloud, index: number): Point => [cloud.positions[index * 2] ?? 0, cloud.positions[index * 2 + 1] ?? 0];

export const groupOf = (cloud: Cloud, index: number): string => cloud.groups[cloud.group[index] ?? -1] ?? "";
export const colourOf = (cloud: Cloud, index: number): string | undefined => cloud.colours[cloud.group[index] ?? -1];

/** Which part of its file a point is; null for the whole of it. `heardS` is how long the instrument hears. */
export function partOf(cloud: Cloud, index: number, heardS: number): { startS: number; seconds: number } | null {
  const [startS, whole] = [cloud.startsS[index] ?? 0, cloud.lengthsS[index] ?? 0];
  if (startS <= 0 && (!heardS || whole <= heardS * 1.05)) return null;
  return { startS, seconds: Math.min(heardS || whole, Math.max(0.05, whole - startS || heardS)) };
}

const NOTES = ["C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B"];

/** "A4" of 69. */
export function noteOf(semitones: number): string {
  const whole = Math.round(semitones);
  return `${NOTES[((whole % 12) + 12) % 12]}${Math.floor(whole / 12) - 1}`;
}

/** A point in words, for screen readers. */
export function describe(cloud: Cloud, index: number): string {
  const pitch = cloud.pitches[index];
  return [cloud.names[index], groupOf(cloud, index), pitch === null || pitch === undefined ? "" : noteOf(pitch)].filter(Boolean).join(", ");
}
