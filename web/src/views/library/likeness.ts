/** Search by a sound: of the library, a file, or the microphone. */

import { signal } from "@preact/signals";
import { post, upload, wasAborted } from "../../api/client";
import type { Likeness, Matches, Uploads } from "../../api/types";
import type { Take } from "../../audio/record";
import { toast, toastError } from "../../state/toasts";
import { formOf } from "./adding";

export const ASPECTS = ["all", "timbre", "pitch", "length", "loudness"] as const;
export type Aspect = (typeof ASPECTS)[number];
export const ASPECT_NAMES: Record<Aspect, string> = { all: "All", timbre: "Timbre", pitch: "Pitch", length: "Length", loudness: "Loudness" };

export interface Wanted {
  sound: string;
  name: string;
  durationS: number;
}

export interface Search {
  wanted: Wanted;
  aspect: Aspect;
  /** Only among sounds of this label; null for all. */
  label: string | null;
  /** null while it is looked for. */
  found: Matches | null;
}

const TOP = 200;

/** The search that the table shows; null where it shows the library. */
export const searching = signal<Search | null>(null);
let running: AbortController | null = null;

export async function findAlike(wanted: Wanted, aspect: Aspect = searching.value?.aspect ?? "all", label: string | null = null): Promise<void> {
  running?.abort();
  running = new AbortController();
  searching.value = { wanted, aspect, label, found: searching.value?.wanted.sound === wanted.sound ? searching.value.found : null };
  const wish: Likeness = { sound: wanted.sound, top: TOP, by: { [aspect]: 1 }, label };
  try {
    const found = await post<Matches>("/api/search", wish, { signal: running.signal });
    searching.value = { wanted, aspect, label, found };
  } catch (thrown) {
    if (wasAborted(thrown)) return;
    searching.value = null;
    toastError(thrown);
  }
}

export function endSearch(): void {
  running?.abort();
  searching.value = null;
}

/** Sends a file and looks for what is like it. */
export async function findLikeFile(file: File, name = file.name): Promise<void> {
  try {
    const answer = await upload<Uploads>("/api/uploads", formOf([{ file, path: name }]));
    const sent = answer.files[0];
    if (sent) await findAlike({ sound: sent.sound, name: sent.name, durationS: sent.duration_s });
    else toast(`${name} cannot be used: ${answer.refused[0]?.reason ?? "it is no sound"}.`, { kind: "bad" });
  } catch (thrown) {
    toastError(thrown);
  }
}

export async function findLikeTake(take: Take): Promise<void> {
  if (take.seconds < 0.1) {
    toast("Too short to look for. Hum or tap for half a second or more.", { kind: "bad" });
    return;
  }
  await findLikeFile(new File([take.blob], "your recording.wav", { type: "audio/wav" }));
}
