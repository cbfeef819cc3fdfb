/** What a sound's history says, in words. Pure. */

import type { Made } from "./names";

const KINDS: Record<string, string> = {
  pick: "Picked on the map",
  path: "A path over the map",
  play: "Played",
  generate: "One of many",
  morph: "Morph",
  vary: "Variation",
  continue: "Continuation",
  inpaint: "Holes filled",
  extend: "High frequencies added",
  denoise: "Noise taken out",
};

export const kindInWords = (kind: string): string => KINDS[kind] ?? kind;

/** What a distance from the nearest sound of the library means. */
export function distanceInWords(distance: number | null | undefined): string {
  if (distance === null || distance === undefined) return "Not measured. Sounds are compared with the library a little after they were made.";
  const shown = distance.toFixed(2);
  if (distance < 0.1) return `${shown}: very like a sound of the library. Look at its parents before you call it new.`;
  if (distance < 0.5) return `${shown}: close to a sound of the library.`;
  if (distance < 1) return `${shown}: akin to the library, and audibly another sound.`;
  return `${shown}: clearly another timbre than any sound of the library.`;
}

export interface Parent {
  name: string;
  label: string;
  /** 0 to 1, or beyond where a morph goes beyond; null where it has none. */
  weight: number | null;
}

/** What a sound was made of; whatever else stands there is passed over. */
export function parentsOf(made: Made): Parent[] {
  return (made.parents ?? []).map((parent) => ({
    name: String(parent["name"] ?? fileOf(parent["path"]) ?? parent["id"] ?? "a sound"),
    label: typeof parent["label"] === "string" ? parent["label"] : "",
    weight: typeof parent["weight"] === "number" ? parent["weight"] : null,
  }));
}

/** A long name by its beginning and its end, where files of one pack differ. */
export function inShort(file: string, most = 17): string {
  const name = file.replace(/\.(wav|flac|aiff?|mp3|ogg)$/i, "");
  if (name.length <= most) return name;
  const tail = Math.floor(most * 0.55);
  return `${name.slice(0, most - tail - 1)}…${name.slice(-tail)}`;
}

const fileOf = (path: unknown): string | undefined => (typeof path === "string" ? path.split(/[\\/]/).at(-1) : undefined);

/** Settings that say something, as pairs to read. */
export function settingsOf(made: Made): [string, string][] {
  return Object.entries(made.settings ?? {})
    .filter(([name, value]) => !isNothing(value) && name !== "trimmed_to_samples")
    .map(([name, value]) => [name.replace(/_/g, " ").replace(/ (s|hz|db|bpm)$/, (_, unit: string) => ` (${UNITS[unit] ?? unit})`), shown(value)]);
}

const UNITS: Record<string, string> = { s: "s", hz: "Hz", db: "dB", bpm: "bpm" };

function isNothing(value: unknown): boolean {
  if (value === null || value === undefined || value === "" || value === false) return true;
  return typeof value === "object" && Object.keys(value as object).length === 0;
}

function shown(value: unknown): string {
  if (typeof value === "number") return String(Number(value.toPrecision(6)));
  if (value === true) return "yes";
  if (Array.isArray(value)) return value.map(shown).join(", ");
  if (typeof value === "object" && value !== null) return Object.entries(value).map(([name, one]) => `${name} ${shown(one)}`).join(", ");
  return String(value);
}

/** "today 14:05", "3 Nov 14:05". */
export function whenInWords(seconds: number, now: Date = new Date()): string {
  const at = new Date(seconds * 1000);
  const time = at.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  if (at.toDateString() === now.toDateString()) return `today ${time}`;
  const isThisYear = at.getFullYear() === now.getFullYear();
  return `${at.toLocaleDateString("en-GB", { day: "numeric", month: "short", ...(isThisYear ? {} : { year: "numeric" }) })} ${time}`;
}
