import { useState } from "preact/hooks";
import { Button } from "../../design/Button";
import { several } from "../../design/numbers";
import { toast, toastError } from "../../state/toasts";
import { deleteSoon } from "./deleting";
import { askForFolder, canWriteFolders, writeInto } from "./folder";
import { change, chosen, selected } from "./list";
import type { Made } from "./names";
import { PackDialog } from "./PackDialog";
import { RenameDialog } from "./RenameDialog";

type Open = { kind: "rename" | "pack"; all: readonly Made[] } | null;

/** What can be done with the sounds that are chosen. */
export function Chosen({ total }: { total: number }) {
  const [open, setOpen] = useState<Open>(null);
  const [writing, setWriting] = useState("");
  const count = selected.value.size;
  const none = count === 0;
  const withAll = (run: (all: Made[]) => void | Promise<void>) => (): void => { chosen().then(run).catch(toastError); };
  const judgeAll = (which: "star" | "reject") => withAll(async (all) => {
    const isSo = all.every((made) => (which === "star" ? made.starred : made.rejected));
    for (const made of all) if (!(await change(made.id, { starred: which === "star" && !isSo, rejected: which === "reject" && !isSo }))) return;
  });
  const write = async (): Promise<void> => {
    try {
      const folder = await askForFolder();
      if (!folder) return;
      const all = await chosen();
      setWriting(`0 of ${all.length}`);
      const told = await writeInto(folder, all, (done) => setWriting(`${done} of ${all.length}`));
      toast(`${several(told.written, "WAV file")} written into ${told.folder || "the folder"}`, { kind: "good" });
    } catch (thrown) {
      toastError(thrown);
    } finally {
      setWriting("");
    }
  };
  return (
    <div class="hist-chosen" role="toolbar" aria-label="Chosen sounds">
      <span class="hist-chosen-count" aria-live="polite">{none ? (total ? "None chosen" : "") : `${several(count, "sound")} chosen`}</span>
      <Button size="s" icon="star" disabled={none} onClick={judgeAll("star")}>Keep</Button>
      <Button size="s" icon="reject" disabled={none} onClick={judgeAll("reject")}>Reject</Button>
      <Button size="s" icon="edit" disabled={none} onClick={withAll((all) => setOpen({ kind: "rename", all }))}>Rename</Button>
      <Button size="s" kind={none ? "plain" : "go"} icon="folder" disabled={none} onClick={withAll((all) => setOpen({ kind: "pack", all }))}>Make a pack</Button>
      {canWriteFolders() && <Button size="s" icon="download" disabled={none} busy={writing !== ""} title="Writes WAV files straight into a folder, such as your DAW's" onClick={() => void write()}>{writing || "Into a folder"}</Button>}
      <Button size="s" kind="danger" icon="trash" disabled={none} onClick={() => deleteSoon([...selected.value], several(count, "sound"))}>Delete</Button>
      {open?.kind === "rename" && <RenameDialog all={open.all} onClose={() => setOpen(null)} />}
      {open?.kind === "pack" && <PackDialog all={open.all} onClose={() => setOpen(null)} />}
    </div>
  );
}
