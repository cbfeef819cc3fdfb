import { signal } from "@preact/signals";
import type { Job, JobState } from "../api/models";
import { Badge } from "../design/Badge";
import { Button } from "../design/Button";
import { CommandLine } from "../design/CommandLine";
import { Drawer } from "../design/Dialog";
import { EmptyState } from "../design/EmptyState";
import { ErrorNote } from "../design/ErrorNote";
import { IconButton } from "../design/IconButton";
import { Progress } from "../design/Progress";
import { forgetJob, jobs, resumeJob, stopJob } from "../state/workspace";

export const jobsOpen = signal(false);

export function JobDrawer() {
  return (
    <Drawer open={jobsOpen.value} title="Jobs" onClose={() => { jobsOpen.value = false; }}>
      {jobs.value.length === 0 && <EmptyState icon="jobs" title="No jobs yet">Long work such as a scan or a training shows here. It goes on when this page is closed.</EmptyState>}
      <ul class="shell-joblist">{jobs.value.map((job) => <li key={job.id}><JobCard job={job} /></li>)}</ul>
    </Drawer>
  );
}

const WORDS: Record<JobState, string> = { queued: "Waiting", running: "Running", done: "Done", failed: "Failed", stopped: "Stopped" };
const TONES = { queued: "plain", running: "accent", done: "good", failed: "bad", stopped: "warn" } as const;

/** A job wherever one is shown: in the drawer, and in the view that started it. */
export function JobCard({ job }: { job: Job }) {
  const isOpen = job.state === "running" || job.state === "queued";
  const { progress } = job;
  return (
    <article class="shell-job" aria-label={job.title}>
      <header class="t-row">
        <h3 class="t-grow t-clip" title={job.title}>{job.title}</h3>
        <Badge tone={TONES[job.state]}>{job.state === "queued" && job.position > 0 ? `Waiting, ${job.position} before it` : WORDS[job.state]}</Badge>
      </header>
      {isOpen && progress && <Progress label={progress.stage} done={progress.done} total={progress.total || null} secondsLeft={progress.seconds_left} note={progress.note} />}
      {job.error && <ErrorNote {...job.error} bare />}
      <div class="t-row">
        {isOpen && <Button size="s" icon="stop" onClick={() => void stopJob(job.id)}>{job.state === "queued" ? "Take out" : "Stop"}</Button>}
        {job.resumable && !isOpen && <Button size="s" icon="play" onClick={() => void resumeJob(job.id)}>Go on</Button>}
        <span class="t-grow" />
        {job.command && <CommandLine command={job.command} compact />}
        {!isOpen && <IconButton icon="close" size="s" label={`Take ${job.title} off the list`} onClick={() => void forgetJob(job.id)} />}
      </div>
    </article>
  );
}
