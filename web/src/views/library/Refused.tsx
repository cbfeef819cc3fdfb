import { useEffect, useState } from "preact/hooks";
import { get } from "../../api/client";
import type { RefusedFiles } from "../../api/types";
import { Dialog } from "../../design/Dialog";
import { Thrown } from "../../design/ErrorNote";
import { several } from "../../design/numbers";
import { byReason } from "./questions";

const MOST = 1000;

/** Files that the library does not hold, by why. */
export function RefusedDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const [files, setFiles] = useState<RefusedFiles | null>(null);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    if (!open) return undefined;
    const aborter = new AbortController();
    get<RefusedFiles>("/api/library/refused", { query: { count: MOST }, signal: aborter.signal }).then(setFiles, setError);
    return () => aborter.abort();
  }, [open]);
  return (
    <Dialog open={open} title={files ? `${several(files.total, "file")} left out` : "Files left out"} wide onClose={onClose}>
      <div class="t-stack">
        {error !== null && !files && <Thrown error={error} />}
        <p class="t-hint">A scan of the same folder looks at changed files again.</p>
        {files && byReason(files.files).map((group) => (
          <details key={group.reason} class="lib-refused" open={group.files.length <= 20}>
            <summary><span class="t-grow">{group.reason}</span> <span class="t-soft">{several(group.files.length, "file")}</span></summary>
            <ul>{group.files.map((file) => <li key={file.name}>{file.name}{file.reason !== group.reason && <span class="lib-why">{file.reason}</span>}</li>)}</ul>
          </details>
        ))}
        {files && files.total > files.files.length && <p class="t-hint">The first {several(files.files.length, "file")} of {files.total} are shown.</p>}
      </div>
    </Dialog>
  );
}
