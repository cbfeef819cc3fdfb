/** What an address answers, as a component follows it. */

import { useEffect, useState } from "preact/hooks";
import { get } from "../../api/client";

export interface Asked<T> {
  value: T | null;
  error: unknown;
}

/** Asks again whenever one of `when` changes; what was known of the same address stays until the new is there. */
export function useAsked<T>(path: string | null, when: readonly unknown[] = []): Asked<T> {
  const [asked, setAsked] = useState<Asked<T> & { path: string | null }>({ value: null, error: null, path });
  useEffect(() => {
    if (path === null) return undefined;
    const aborter = new AbortController();
    get<T>(path, { signal: aborter.signal }).then(
      (value) => setAsked({ value, error: null, path }),
      (error) => { if (!aborter.signal.aborted) setAsked((before) => ({ value: before.path === path ? before.value : null, error, path })); },
    );
    return () => aborter.abort();
  }, [path, ...when]);
  return asked.path === path ? asked : { value: null, error: null };
}
