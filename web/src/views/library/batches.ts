/** Files in portions that the server takes. Pure. */

import { looksLikeAudio, type DroppedFile } from "../../design/dropped";

export const MOST_FILES = 400;
export const MOST_BYTES = 500e6;

/** Sounds among files, and how many are none. */
export function sorted(files: readonly DroppedFile[]): { sounds: DroppedFile[]; others: number } {
  const sounds = files.filter((one) => looksLikeAudio(one.path) && one.file.size > 0);
  return { sounds, others: files.length - sounds.length };
}

export const sizeOf = (files: readonly DroppedFile[]): number => files.reduce((sum, one) => sum + one.file.size, 0);

/** Portions of at most so many files and bytes; one file that is larger goes alone. */
export function portions(files: readonly DroppedFile[], mostFiles = MOST_FILES, mostBytes = MOST_BYTES): DroppedFile[][] {
  const all: DroppedFile[][] = [];
  let bytes = 0;
  for (const one of files) {
    const last = all.at(-1);
    if (!last || last.length >= mostFiles || bytes + one.file.size > mostBytes) {
      all.push([one]);
      bytes = one.file.size;
    } else {
      last.push(one);
      bytes += one.file.size;
    }
  }
  return all;
}
