/** What is asked of the library's table, and what is told of the answer. Pure. */

import type { LibrarySound } from "../../api/types";
import type { Sort } from "../../design/pages";
import type { Query } from "../../api/client";

export interface Question {
  words: string;
  /** null for all labels; "" for sounds without one. */
  label: string | null;
}

export const EVERYTHING: Question = { words: "", label: null };
export const FIRST_SORT: Sort = { column: "name", descending: false };

/** The address's query for some rows. */
export function rowsQuery({ words, label }: Question, sort: Sort | null, start: number, count: number): Query {
  const { column, descending } = sort ?? FIRST_SORT;
  return { words: words.trim(), label, order: column, down: descending, start, count };
}

/** Labels with how many sounds have each: the largest first, none at the end. */
export function labelCounts(labels: Readonly<Record<string, number>>): { label: string; count: number; share: number }[] {
  const most = Math.max(1, ...Object.values(labels));
  return Object.entries(labels)
    .map(([label, count]) => ({ label, count, share: count / most }))
    .sort((a, b) => Number(a.label === "") - Number(b.label === "") || b.count - a.count || a.label.localeCompare(b.label));
}

/** Each names another file: they are told together. */
const SAME = "the same sound as another file";

/** Files left out, by why: the commonest reason first. */
export function byReason<F extends { name: string; reason: string; kind?: string }>(files: readonly F[]): { reason: string; files: F[] }[] {
  const groups = new Map<string, F[]>();
  for (const file of files) {
    const reason = file.kind === "duplicate" ? SAME : file.reason;
    const known = groups.get(reason);
    if (known) known.push(file);
    else groups.set(reason, [file]);
  }
  return [...groups].map(([reason, all]) => ({ reason, files: all })).sort((a, b) => b.files.length - a.files.length);
}

export interface Copy {
  id: string;
  path: string;
  duration_s: number;
  sample_rate: number;
  format: string;
  keep: boolean;
}

/** The groups that the job `duplicates` found; what is not of their form is left out. */
export function duplicateGroups(result: Readonly<Record<string, unknown>> | null | undefined): Copy[][] {
  const groups = result?.["duplicates"];
  if (!Array.isArray(groups)) return [];
  return groups.filter(Array.isArray).map((group: unknown[]) => group.filter(isCopy).sort((a, b) => Number(b.keep) - Number(a.keep))).filter((group) => group.length > 1);
}

function isCopy(value: unknown): value is Copy {
  const one = value as Partial<Copy> | null;
  return typeof one?.id === "string" && typeof one.path === "string" && typeof one.duration_s === "number";
}

/** The last parts of a path. */
export const tail = (path: string, parts = 3): string => path.split(/[\\/]/).slice(-parts).join("/");

/** Everything of a sound in a line, for screen readers and tooltips. */
export const inWords = (row: LibrarySound): string =>
  [row.name, row.label || "no label", `${row.duration_s.toFixed(2)} seconds`, row.pitch].filter(Boolean).join(", ");

/** "a, b and 3 more". */
export function some(names: readonly string[], most = 3): string {
  if (names.length <= most) return names.join(", ");
  return `${names.slice(0, most).join(", ")} and ${names.length - most} more`;
}

/** All rows that a question finds, as a set whose members only the server knows: `has` is true of each. */
export function everyRow(size: number): ReadonlySet<string> {
  const all = new Set<string>();
  return new Proxy(all, {
    get: (set, name) => {
      if (name === "size") return size;
      if (name === "has") return () => true;
      const value: unknown = Reflect.get(set, name, set);
      return typeof value === "function" ? value.bind(set) : value;
    },
  });
}
