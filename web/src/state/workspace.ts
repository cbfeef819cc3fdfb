/** What the server holds, as signals: the workspace, its instruments, the one in hand, the jobs. */

import { computed, signal, type Signal } from "@preact/signals";
import { del, get, post } from "../api/client";
import { listen } from "../api/events";
import type { Changed, Instrument, Job, Model, ServerMessage, State } from "../api/models";
import { route, setParams } from "./route";
import { remember, remembered } from "./storage";
import { toast, toastError } from "./toasts";

/** null until the server has answered. */
export const state = signal<State | null>(null);
export const connected = signal(true);
export const jobs = signal<readonly Job[]>([]);

/** Counts up each time the server says that something changed; read one to ask again. */
export const changes: Record<Changed, Signal<number>> = {
  library: signal(0),
  instruments: signal(0),
  made: signal(0),
  reports: signal(0),
  tests: signal(0),
};

export const instruments = computed<readonly Instrument[]>(() => state.value?.instruments ?? []);
const preferred = signal(remembered("instrument") ?? "");

/** The instrument in hand: the address's, else the last used, else the first. */
export const instrument = computed<Instrument | null>(() => {
  const named = (name: string | undefined) => instruments.value.find((one) => one.name === name);
  return named(route.value.params["instrument"]) ?? named(preferred.value) ?? instruments.value[0] ?? null;
});

export const runningJobs = computed(() => jobs.value.filter((job) => job.state === "running" || job.state === "queued"));

export function chooseInstrument(name: string): void {
  preferred.value = name;
  remember("instrument", name);
  setParams({ instrument: name });
}

export async function refreshState(): Promise<void> {
  state.value = await get<State>("/api/state");
}

export async function refreshJobs(): Promise<void> {
  jobs.value = (await get<Model<"Jobs">>("/api/jobs")).jobs;
}

/** Stops a job, or takes it out of the queue; what was done is kept. */
export async function stopJob(id: string): Promise<void> {
  await post(`/api/jobs/${encodeURIComponent(id)}/cancel`).catch(toastError);
}

export async function resumeJob(id: string): Promise<void> {
  await post(`/api/jobs/${encodeURIComponent(id)}/resume`).catch(toastError);
}

/** Takes a job that has ended off the list. */
export async function forgetJob(id: string): Promise<void> {
  jobs.value = jobs.value.filter((job) => job.id !== id);
  await del(`/api/jobs/${encodeURIComponent(id)}`).catch(toastError);
}

/** Asks for long work (a body with its `kind`, as the API has it) and gives the job, which `jobs` then follows. */
export async function startJob(wish: object): Promise<Job> {
  const job = await post<Job>("/api/jobs", wish);
  jobs.value = withJob(jobs.value, job);
  return job;
}

/** A job as it stands now; a signal's read, so that a component follows it. */
export const jobOf = (id: string | null | undefined): Job | undefined => jobs.value.find((job) => job.id === id);

/** The newest job first; one that is known is replaced. */
export function withJob(known: readonly Job[], job: Job): readonly Job[] {
  const isKnown = known.some((other) => other.id === job.id);
  return isKnown ? known.map((other) => (other.id === job.id ? job : other)) : [job, ...known];
}

/** Asks for everything and keeps listening; the page calls it once. */
export function connect(): () => void {
  const refresh = (): void => {
    refreshState().catch(toastError);
    refreshJobs().catch(() => undefined);
  };
  refresh();
  return listen({
    onMessage: receive,
    onOpen: () => {
      if (!connected.value) refresh();
      connected.value = true;
    },
    onLost: () => {
      connected.value = false;
    },
  });
}

function receive(message: ServerMessage): void {
  if (message.type === "changed") {
    const count = changes[message.what];
    if (count) count.value += 1;
    if (message.what === "library" || message.what === "instruments") refreshState().catch(() => undefined);
    return;
  }
  const before = jobs.value.find((job) => job.id === message.job.id);
  jobs.value = withJob(jobs.value, message.job);
  if (before && before.state !== message.job.state) announce(message.job);
}

function announce(job: Job): void {
  if (job.state === "done" && job.kind !== "estimate") toast(`Done: ${job.title}`, { kind: "good" });
  if (job.state === "failed") toast(`Failed: ${job.title}`, { kind: "bad", seconds: 0 });
}
