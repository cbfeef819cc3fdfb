import { useState } from "preact/hooks";
import type { Job } from "../../api/types";
import { Button } from "../../design/Button";
import { IconButton } from "../../design/IconButton";
import { several } from "../../design/numbers";
import { JobCard } from "../../shell/JobDrawer";

/** A scan while it runs, and what it came to. */
export function ScanStrip({ scan, onSkipped }: { scan: Job | null; onSkipped: () => void }) {
  const [closed, setClosed] = useState("");
  if (!scan || closed === scan.id) return null;
  if (scan.state !== "done") return <JobCard job={scan} />;
  const { added, changed, skipped } = scanned(scan.result);
  if (!skipped || Date.now() / 1000 - (scan.ended_s ?? 0) > 900) return null;
  return (
    <div class="lib-scanned" role="status">
      <span class="t-grow">{[added !== null ? `${several(added, "sound")} added` : "", changed ? `${changed} changed` : "", `${several(skipped, "file")} left out`].filter(Boolean).join(", ")}.</span>
      <Button size="s" onClick={onSkipped}>Why</Button>
      <IconButton icon="close" size="s" label="Close" onClick={() => setClosed(scan.id)} />
    </div>
  );
}

/** The numbers of a scan's answer, read carefully. */
function scanned(result: Job["result"]): { added: number | null; changed: number; skipped: number } {
  const of = (name: string): number | null => {
    const value = result?.[name];
    return typeof value === "number" ? value : Array.isArray(value) ? value.length : null;
  };
  return { added: of("added"), changed: of("changed") ?? 0, skipped: of("skipped") ?? 0 };
}
