/** The library's rows as the table wants them. */

import { useCallback, useEffect, useState } from "preact/hooks";
import { get, wasAborted } from "../../api/client";
import type { LibrarySound, LibrarySounds } from "../../api/types";
import type { FetchPage, Sort } from "../../design/pages";
import { toastError } from "../../state/toasts";
import { rowsQuery, type Question } from "./questions";

export interface Listing {
  /** How many rows there are; null before the first answer. */
  total: number | null;
  command: string;
  fetchPage: FetchPage<LibrarySound>;
}

/** Asks anew when the question, the order or the library changes. */
export function useListing(question: Question, sort: Sort, version: number): Listing {
  const [told, setTold] = useState<{ total: number | null; command: string }>({ total: null, command: "" });
  const { words, label } = question;
  useEffect(() => {
    const aborter = new AbortController();
    get<LibrarySounds>("/api/library/sounds", { query: rowsQuery({ words, label }, sort, 0, 1), signal: aborter.signal })
      .then(({ total, command }) => setTold({ total, command }), (error: unknown) => { if (!wasAborted(error)) toastError(error); });
    return () => aborter.abort();
  }, [words, label, sort.column, sort.descending, version]);
  const fetchPage = useCallback<FetchPage<LibrarySound>>(
    async (from, count, order, signal) =>
      (await get<LibrarySounds>("/api/library/sounds", { query: rowsQuery({ words, label }, order, from, count), signal })).sounds,
    [words, label],
  );
  return { ...told, fetchPage };
}

/** A value that waits until it has been still for a while: words that are being typed. */
export function useStill<T>(value: T, waitMs = 160): T {
  const [still, setStill] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setStill(value), waitMs);
    return () => clearTimeout(timer);
  }, [value]);
  return still;
}
