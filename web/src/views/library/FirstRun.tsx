import { useState } from "preact/hooks";
import { Button } from "../../design/Button";
import type { Job } from "../../api/types";
import { JobCard } from "../../shell/JobDrawer";
import { AddSounds } from "./AddSounds";
import { addDemo } from "./adding";
import type { Step } from "./journey";
import { Journey } from "./Journey";

/** An empty workspace: what this is, the ways in, and the whole path. */
export function FirstRun({ steps, scan }: { steps: readonly Step[]; scan: Job | null }) {
  const [busy, setBusy] = useState(false);
  const demo = async (): Promise<void> => {
    setBusy(true);
    await addDemo();
    setBusy(false);
  };
  const isScanning = scan?.state === "running" || scan?.state === "queued";
  return (
    <div class="lib-first">
      <div class="lib-first-head">
        <h2>Turn your own sounds into an instrument</h2>
        <p>Bring sounds in, train a small model on this computer, and play new sounds from a map of them. Nothing leaves this machine.</p>
      </div>
      <Journey steps={steps} />
      {scan && scan.state !== "done" && <JobCard job={scan} />}
      <div class="lib-first-ways">
        <section class="lib-first-demo" aria-label="Demo library">
          <h3>In two minutes</h3>
          <p>A demo library that timbrel makes itself: drums, cymbals, plucked and struck sounds.</p>
          <Button kind="go" size="l" icon="play" busy={busy || isScanning} onClick={() => void demo()}>Start with the demo</Button>
        </section>
        <section class="lib-first-own" aria-label="Your own sounds"><AddSounds plain /></section>
      </div>
    </div>
  );
}
