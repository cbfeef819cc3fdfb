/** Brings files to the server, as sounds that a job can use. */

import { ApiError, upload } from "../../api/client";
import type { Uploads } from "../../api/types";
import type { DroppedFile } from "../../design/dropped";
import type { Chosen } from "./SoundPicker";

export interface Brought {
  sounds: Chosen[];
  /** "name: why", of each that was no sound. */
  refused: string[];
}

export async function bring(files: readonly DroppedFile[], onProgress?: (fraction: number) => void): Promise<Brought> {
  const form = new FormData();
  for (const { file, path } of files) form.append("files", file, path);
  const answer = await upload<Uploads>("/api/uploads", form, { onProgress });
  return {
    sounds: answer.files.map(({ sound, name, duration_s }) => ({ sound, name, duration_s })),
    refused: answer.refused.map(({ name, reason }) => `${name}: ${reason}`),
  };
}

/** One file that must be a sound. */
export async function bringOne(files: readonly DroppedFile[], onProgress?: (fraction: number) => void): Promise<Chosen> {
  const { sounds, refused } = await bring(files.slice(0, 1), onProgress);
  if (sounds[0]) return sounds[0];
  throw new ApiError(0, refused[0] ?? "a file", "WAV, FLAC, AIFF, MP3, OGG and other sound files", "Choose a file that plays elsewhere.", "The file cannot be used as a sound.");
}
