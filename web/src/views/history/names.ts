/** Names by a pattern, as the server will write them: a preview before it does. Pure. */

import type { Model } from "../../api/models";

export type Made = Model<"Made">;

export const PARTS = ["{n}", "{label}", "{instrument}", "{seed}"] as const;
const LONGEST_BYTES = 96;
const RESERVED = /^(con|prn|aux|nul|(com|lpt)[1-9])$/i;

/** A file name that every system takes: letters and digits of any script stay, other signs become "_". */
export function safeName(text: string): string {
  const kept = [...text.normalize("NFC")].map((sign) => (/[\p{L}\p{N} \-_.+]/u.test(sign) ? sign : "_")).join("");
  const name = cut(kept).replace(/^[ ._]+|[ ._]+$/g, "") || "sound";
  return RESERVED.test(name.split(".")[0] ?? "") ? `_${name}` : name;
}

function cut(text: string): string {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length <= LONGEST_BYTES) return text;
  return new TextDecoder().decode(bytes.slice(0, LONGEST_BYTES)).replace(/\uFFFD+$/, "");
}

/** The label of the heaviest parent that has one; what made the sound where none has. */
export const labelOf = (made: Made): string => ofLabel(made) || made.kind;

/** The label alone; "" where no parent has one. */
export const ofLabel = (made: Made): string => String((made.parents ?? []).find((parent) => parent["label"])?.["label"] ?? "");

/** The names that sounds get, in their order. */
export function namesOf(all: readonly Made[], pattern: string): string[] {
  const width = String(all.length).length;
  return all.map((made, at) => {
    const parts: Record<string, string> = { n: String(at + 1).padStart(width, "0"), label: labelOf(made), instrument: made.instrument, seed: String(made.seed) };
    return safeName(pattern.replace(/\{(n|label|instrument|seed)\}/g, (_, part: string) => parts[part] ?? ""));
  });
}

/** File names without two alike: the second "kick" is "kick 2". */
export function apart(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    let free = name;
    for (let number = 2; taken.has(free.toLowerCase()); number++) free = `${name} ${number}`;
    taken.add(free.toLowerCase());
    return free;
  });
}
