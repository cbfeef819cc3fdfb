/** Gets the map of the instrument in hand. */

import { useEffect, useState } from "preact/hooks";
import { get, wasAborted } from "../../api/client";
import type { Map as Told } from "../../api/types";
import { changes, instrument, jobs } from "../../state/workspace";
import { cloudOf } from "./cloud";
import { clearDesk, cloud, projection } from "./desk";
import { findMade } from "./made";

export type Loading = { state: "loading" | "missing" | "ready" } | { state: "failed"; error: unknown };

let shown = "";

/** Where the map stands; `cloud` holds it once it is ready. Asked for anew when it was laid out or labels changed. */
export function useMap(): Loading & { retry: () => void } {
  const [now, setNow] = useState<Loading>({ state: cloud.value ? "ready" : "loading" });
  const [tries, setTries] = useState(0);
  const name = instrument.value?.name ?? "";
  const layout = projection.value;
  const laid = jobs.value.filter((job) => job.kind === "map" && job.state === "done" && job.instrument === name).length;
  const labels = changes.library.value;
  useEffect(() => {
    if (!name) return undefined;
    const aborter = new AbortController();
    const key = `${name} ${layout}`;
    if (shown !== key) {
      clearDesk();
      setNow({ state: "loading" });
    }
    shown = key;
    load(name, aborter.signal).then(setNow, (error: unknown) => { if (!wasAborted(error)) setNow({ state: "failed", error }); });
    return () => aborter.abort();
  }, [name, layout, laid, labels, tries]);
  return { ...now, retry: () => setTries(tries + 1) };
}

async function load(name: string, signal: AbortSignal): Promise<Loading> {
  const told = await get<Told>(`/api/instruments/${encodeURIComponent(name)}/map`, { query: { projection: projection.value }, signal });
  if (!told.ready) {
    cloud.value = null;
    return { state: "missing" };
  }
  cloud.value = cloudOf(told);
  findMade(name, signal).catch(() => undefined);
  return { state: "ready" };
}
