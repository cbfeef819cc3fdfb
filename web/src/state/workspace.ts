/** What the server holds, as signals: the workspace, its instruments, the one in hand, the jobs. */

import { computed, signal, type Signal } from "@preact/signals";
import { get, post } from "../api/client";
import { listen } from "../api/events";
import type { Changed, InstrumentFacts, Job, ServerMessage, State } from "../api/provisional";
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

export const instruments = computed<readonly InstrumentFacts[]>(() => state.value?.instruments ?? []);
const preferred = signal(remembered("instrument") ?? "");

/** The instrument in hand: the address's, else the last used, else the first. */
export const instrument = computed<InstrumentFacts | null>(() => {
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
  jobs.value = await get<readonly Job[]>("/api/jobs");
}

export async function stopJob(id: string): Promise<void> {
  await post(`/api/jobs/${encodeURIComponent(id)}/stop`).catch(toastError);
}

export async function resumeJob(id: string): Promise<void> {
  await post(`/api/jobs/${encodeURIComponent(id)}/resume`).catch(toastError);
}

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
  if (job.state === "done") toast(`Done: ${job.title}`, { kind: "good" });
  if (job.state === "failed") toast(`Failed: ${job.title}`, { kind: "bad", seconds: 0 });
}
