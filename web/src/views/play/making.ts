/** New sounds for corners and pads. */

import { post } from "../../api/client";
import type { Model } from "../../api/models";
import type { Pad } from "./pattern";
import { randomSeed, wishOf, type Take } from "./takes";

/** Makes a sound of another seed, shaped as the take says. */
export async function freshSound(instrument: string, take: Take, label = take.label): Promise<Pad> {
  const wish = wishOf({ ...take, label, seed: randomSeed() });
  const answer = await post<Model<"MadeNow">>(`/api/instruments/${encodeURIComponent(instrument)}/play`, wish);
  const made = answer.made[0];
  if (!made) throw new Error("The instrument answered with no sound. Try again.");
  return { sound: made.sound, name: made.name };
}

/** A label for each pad of a kit: one that was asked for, else the instrument's own by turns. */
export function kitLabels(asked: string, labels: readonly string[], count: number): string[] {
  const known = labels.filter(Boolean);
  return Array.from({ length: count }, (_, at) => asked || (known.length > 1 ? known[at % known.length] ?? "" : ""));
}

/** A name without the number that the server puts before it, and without a file's ending: "kick" of "0001-kick.wav". */
export const plainName = (name: string): string => name.replace(/^\d{4,}-(?=.)/, "").replace(/(?<=.)\.(wav|flac|aiff?|mp3|ogg)$/i, "");

const HEARD = 0.003;

/** A sound up to where it fades, for pictures so small that its tail would be most of them. */
export function heardPart(samples: Float32Array): Float32Array {
  const peak = samples.reduce((most, one) => Math.max(most, Math.abs(one)), 0);
  const last = samples.findLastIndex((one) => Math.abs(one) > peak * HEARD);
  return samples.subarray(0, Math.max(1, last + 1));
}
