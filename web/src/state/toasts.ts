/** Short notices at the page's foot. */

import { signal } from "@preact/signals";
import { asTrouble, wasAborted } from "../api/client";
import type { Trouble } from "../api/models";

export interface Notice {
  id: number;
  kind: "plain" | "good" | "bad";
  text: string;
  trouble?: Trouble | undefined;
  action?: { label: string; run: () => void } | undefined;
}

export interface NoticeOptions {
  kind?: Notice["kind"];
  action?: Notice["action"];
  /** How long it stays; 0 for until it is closed. Bad news stay until closed. */
  seconds?: number;
}

export const toasts = signal<readonly Notice[]>([]);
let next = 1;

/** Says something; gives the notice's id. */
export function toast(text: string, options: NoticeOptions = {}): number {
  return add({ id: next++, kind: options.kind ?? "plain", text, action: options.action }, options.seconds);
}

/** Says what went wrong. A withdrawn question is not told. */
export function toastError(thrown: unknown): void {
  if (wasAborted(thrown)) return;
  const trouble = asTrouble(thrown);
  add({ id: next++, kind: "bad", text: trouble.text, trouble }, 0);
}

export function dismiss(id: number): void {
  toasts.value = toasts.value.filter((notice) => notice.id !== id);
}

function add(notice: Notice, seconds = 5): number {
  const others = toasts.value.filter((other) => other.text !== notice.text);
  toasts.value = [...others, notice].slice(-4);
  if (seconds > 0) setTimeout(() => dismiss(notice.id), seconds * 1000);
  return notice.id;
}
