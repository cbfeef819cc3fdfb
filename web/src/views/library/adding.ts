/** Brings sounds in: uploads what was dropped, then scans it; or scans a path, or the demo. */

import { signal } from "@preact/signals";
import { upload, wasAborted } from "../../api/client";
import type { Refused, Uploads } from "../../api/types";
import type { DroppedFile } from "../../design/dropped";
import { several } from "../../design/numbers";
import { toast, toastError } from "../../state/toasts";
import { startJob } from "../../state/workspace";
import { portions, sizeOf, sorted } from "./batches";

export interface Sending {
  /** 0 to 1 of all bytes. */
  share: number;
  files: number;
  secondsLeft: number | null;
  stop: () => void;
}

/** What is being sent now; null for nothing. */
export const sending = signal<Sending | null>(null);
/** What the server would not take of the last files that were sent. */
export const turnedDown = signal<readonly Refused[]>([]);

export const addDemo = (): Promise<boolean> => scan({ demo: true }).then(() => true, failed);
/** A path that cannot be scanned is told beside its field: this throws. */
export const addPath = (path: string): Promise<void> => scan({ path });

/** Whether anything is on its way into the library. */
export async function addFiles(files: readonly DroppedFile[]): Promise<boolean> {
  const { sounds, others } = sorted(files);
  if (!sounds.length) {
    toast(`${several(others, "file")}, but no sound among them. WAV, FLAC, AIFF, MP3 and Ogg files are taken.`, { kind: "bad" });
    return false;
  }
  if (others) toast(`${several(others, "file is", "files are")} no sound, and left out.`);
  turnedDown.value = [];
  const isBegun = await sendAll(sounds).catch(failed);
  sending.value = null;
  return isBegun;
}

function failed(thrown: unknown): boolean {
  if (!wasAborted(thrown)) toastError(thrown);
  return false;
}

async function sendAll(sounds: readonly DroppedFile[]): Promise<boolean> {
  const [aborter, whole, startedMs] = [new AbortController(), sizeOf(sounds), performance.now()];
  let [before, isBegun] = [0, false];
  const tell = (bytes: number): void => {
    const share = whole ? Math.min(1, bytes / whole) : 1;
    const spentS = (performance.now() - startedMs) / 1000;
    sending.value = { share, files: sounds.length, secondsLeft: share > 0.02 ? (spentS / share) * (1 - share) : null, stop: () => aborter.abort() };
  };
  tell(0);
  for (const portion of portions(sounds)) {
    const size = sizeOf(portion);
    const answer = await upload<Uploads>("/api/uploads", formOf(portion), { signal: aborter.signal, onProgress: (part) => tell(before + part * size) });
    before += size;
    turnedDown.value = [...turnedDown.value, ...answer.refused];
    if (!answer.files.length) continue;
    await scan({ upload: answer.upload });
    isBegun = true;
  }
  return isBegun;
}

/** Files as a form, each with the folders it lay in: they become labels. */
export function formOf(files: readonly DroppedFile[]): FormData {
  const form = new FormData();
  for (const { file, path } of files) form.append("files", file, path);
  return form;
}

async function scan(what: { demo: true } | { path: string } | { upload: string }): Promise<void> {
  await startJob({ kind: "scan", ...what });
}
