/** Writes sounds straight into a folder that a person chooses, such as one that a DAW watches. */

import { getBytes } from "../../api/client";
import { urlOf } from "./list";
import { apart, type Made } from "./names";

interface Picker {
  showDirectoryPicker(options: { id: string; mode: "readwrite" }): Promise<FileSystemDirectoryHandle>;
}

export const canWriteFolders = (): boolean => "showDirectoryPicker" in window;

/** Asks for a folder; null where the question was closed. Call it from a click. */
export async function askForFolder(): Promise<FileSystemDirectoryHandle | null> {
  try {
    return await (window as unknown as Picker).showDirectoryPicker({ id: "timbrel", mode: "readwrite" });
  } catch (thrown) {
    if (thrown instanceof DOMException && thrown.name === "AbortError") return null;
    throw thrown;
  }
}

export interface Written {
  written: number;
  folder: string;
}

/** Writes WAV files. What is there already under a name stays: the new one gets a number. */
export async function writeInto(folder: FileSystemDirectoryHandle, all: readonly Made[], onProgress: (done: number) => void): Promise<Written> {
  const names = apart([...(await filesIn(folder)), ...all.map((made) => made.name)]).slice(-all.length);
  for (const [at, made] of all.entries()) {
    const bytes = await getBytes(urlOf(made.sound), { query: { kind: "wav" } });
    const file = await folder.getFileHandle(`${names[at]}.wav`, { create: true });
    const writer = await file.createWritable();
    await writer.write(bytes);
    await writer.close();
    onProgress(at + 1);
  }
  return { written: all.length, folder: folder.name };
}

async function filesIn(folder: FileSystemDirectoryHandle): Promise<string[]> {
  const names: string[] = [];
  for await (const name of (folder as unknown as { keys(): AsyncIterable<string> }).keys()) if (/\.wav$/i.test(name)) names.push(name.slice(0, -4));
  return names;
}
