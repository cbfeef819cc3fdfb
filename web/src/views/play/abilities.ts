/** What an instrument can, as Play needs it. Pure. */

import type { Instrument } from "../../api/models";

export const can = (about: Instrument, ability: string): boolean => (about.abilities ?? []).includes(ability);

/** Of those there are, one family hears a beat and plays on for as long as is asked. */
export const knowsTempo = (about: Instrument): boolean => about.family === "long_flow";

/** The longest sound, in seconds. */
export const longest = (about: Instrument): number => (knowsTempo(about) ? 120 : Math.max(0.1, Math.floor(about.duration_s * 10) / 10));

/** Sounds to be struck: pads and steps are for them. */
export const playsOneShots = (about: Instrument): boolean => can(about, "generate") && !about.of_recordings && !knowsTempo(about);

const WORDS: Record<string, string> = {
  reconstruct: "play sounds back as it hears them",
  generate: "make new sounds",
  morph: "morph between sounds",
  vary: "vary its recording",
  inpaint: "fill holes",
  extend_bandwidth: "add missing high frequencies",
  denoise: "take noise out",
  continue: "go on where its recording ends",
  phase: "find phases for other instruments",
  map: "lay its library out as a map",
};

/** "make new sounds, fill holes and take noise out". */
export function abilitiesInWords(about: Instrument): string {
  const all = (about.abilities ?? []).map((ability) => WORDS[ability] ?? ability);
  if (all.length < 2) return all[0] ?? "nothing yet";
  return `${all.slice(0, -1).join(", ")} and ${all.at(-1)}`;
}
