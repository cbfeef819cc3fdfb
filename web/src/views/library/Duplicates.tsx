import type { Job } from "../../api/types";
import { Badge } from "../../design/Badge";
import { Button } from "../../design/Button";
import { Dialog } from "../../design/Dialog";
import { EmptyState } from "../../design/EmptyState";
import { IconButton } from "../../design/IconButton";
import { several } from "../../design/numbers";
import { JobCard } from "../../shell/JobDrawer";
import { toastError } from "../../state/toasts";
import { jobs, startJob } from "../../state/workspace";
import { hearOrStop } from "../sounds/hear";
import { length, rate } from "../sounds/words";
import { duplicateGroups, tail, type Copy } from "./questions";

const MOST_GROUPS = 200;

/** Files that hold the same recording, and which of them to keep. timbrel deletes nothing. */
export function DuplicatesDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const job = jobs.value.find((one) => one.kind === "duplicates");
  const isOpen = job?.state === "running" || job?.state === "queued";
  const look = (): void => void startJob({ kind: "duplicates" }).catch(toastError);
  return (
    <Dialog
      open={open} title="Duplicates" wide onClose={onClose}
      actions={!isOpen && <Button kind={job?.state === "done" ? "plain" : "go"} icon="search" onClick={look}>{job?.state === "done" ? "Look again" : "Look for duplicates"}</Button>}
    >
      {!job && <EmptyState icon="copy" title="Files that hold the same recording">Also those that were re-encoded, trimmed, or made louder or softer. It takes a while with a large library, and goes on when this is closed.</EmptyState>}
      {job && job.state !== "done" && <JobCard job={job} />}
      {job?.state === "done" && <Found job={job} />}
    </Dialog>
  );
}

function Found({ job }: { job: Job }) {
  const groups = duplicateGroups(job.result);
  if (!groups.length) return <EmptyState icon="check" title="No duplicates">Every file of the library is a recording of its own.</EmptyState>;
  return (
    <div class="t-stack">
      <p class="t-hint">{several(groups.length, "group")} of files that hold the same recording. timbrel deletes nothing: remove in your file manager what you do not want.</p>
      {groups.slice(0, MOST_GROUPS).map((group) => <Group key={group[0]?.id} group={group} />)}
      {groups.length > MOST_GROUPS && <p class="t-hint">The first {MOST_GROUPS} of {groups.length} groups are shown.</p>}
    </div>
  );
}

function Group({ group }: { group: readonly Copy[] }) {
  return (
    <ul class="lib-copies">
      {group.map((one) => (
        <li key={one.id}>
          <IconButton icon="play" size="s" label={`Play ${tail(one.path, 1)}`} onClick={() => void hearOrStop(`library:${one.id}`, one.duration_s)} />
          <span class="t-grow t-clip" title={one.path}>{tail(one.path)}</span>
          <span class="t-soft t-small">{[length(one.duration_s), rate(one.sample_rate), one.format].join(" · ")}</span>
          <span class="lib-keep">{one.keep && <Badge tone="good">keep</Badge>}</span>
        </li>
      ))}
    </ul>
  );
}
