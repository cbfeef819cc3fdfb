/** What was dropped, with folders walked to their end. */

export interface DroppedFile {
  file: File;
  /** Where it lay in what was dropped: "kicks/deep/one.wav". */
  path: string;
}

const AUDIO = /\.(wav|wave|flac|aif|aiff|aifc|mp3|ogg|oga|opus|m4a|w64|caf|au|snd)$/i;

export const looksLikeAudio = (name: string): boolean => AUDIO.test(name) && !/(^|\/)\._/.test(name);

/** Files chosen by a dialog, with the path that a folder gives them. */
export const chosen = (list: FileList | null): DroppedFile[] =>
  [...(list ?? [])].map((file) => ({ file, path: file.webkitRelativePath || file.name }));

/** Files and folders of a drop. Call it before anything is awaited: the browser forgets the drop then. */
export async function dropped(transfer: DataTransfer | null): Promise<DroppedFile[]> {
  const items = [...(transfer?.items ?? [])].filter((item) => item.kind === "file");
  const entries = items.map((item) => item.webkitGetAsEntry?.() ?? null);
  if (entries.every((entry) => entry === null)) return chosen(transfer?.files ?? null);
  const walked = await Promise.all(entries.map((entry) => (entry ? walk(entry, "") : [])));
  return walked.flat();
}

async function walk(entry: FileSystemEntry, above: string): Promise<DroppedFile[]> {
  const path = `${above}${entry.name}`;
  if (entry.isFile) {
    const file = await new Promise<File | null>((resolve) => (entry as FileSystemFileEntry).file(resolve, () => resolve(null)));
    return file ? [{ file, path }] : [];
  }
  const inside = await entriesOf(entry as FileSystemDirectoryEntry);
  return (await Promise.all(inside.map((one) => walk(one, `${path}/`)))).flat();
}

/** A reader gives at most a hundred at a time. */
async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve) => reader.readEntries(resolve, () => resolve([])));
    if (!some.length) return all;
    all.push(...some);
  }
}
