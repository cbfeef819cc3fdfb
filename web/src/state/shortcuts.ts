/** Keys that do something anywhere on the page, and the list that "?" shows. */

import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

export interface Shortcut {
  /** "space", "mod+z" (ctrl, or cmd on a Mac), "shift+mod+z", "escape", "?", or a sequence such as "g m". */
  keys: string;
  /** What it does, in a few words. */
  says: string;
  run: (event: KeyboardEvent) => void;
  /** Also while typing in a field. */
  whileTyping?: boolean | undefined;
  /** Not told in the list. */
  quiet?: boolean | undefined;
}

export interface Group {
  name: string;
  shortcuts: readonly Shortcut[];
}

export const groups = signal<readonly Group[]>([]);

/** Registers shortcuts; the function it gives back takes them away. Groups registered later win. */
export function register(group: Group): () => void {
  groups.value = [...groups.value, group];
  return () => {
    groups.value = groups.value.filter((other) => other !== group);
  };
}

/** Shortcuts that live as long as the component does. `run` may change at each render. */
export function useShortcuts(name: string, shortcuts: readonly Shortcut[], active = true): void {
  const latest = useRef(shortcuts);
  latest.current = shortcuts;
  const signature = shortcuts.map((one) => `${one.keys}:${one.says}`).join("|");
  useEffect(() => {
    if (!active) return undefined;
    const stable = latest.current.map((one, place) => ({
      ...one,
      run: (event: KeyboardEvent) => latest.current[place]?.run(event),
    }));
    return register({ name, shortcuts: stable });
  }, [name, signature, active]);
}

/** The name of a pressed key in the grammar of `Shortcut.keys`. */
export function keyName(event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">): string {
  const key = event.key === " " ? "space" : event.key.toLowerCase();
  const isSign = key.length === 1 && !/[a-z0-9]/.test(key);
  const parts = [];
  if (event.shiftKey && !isSign) parts.push("shift");
  if (event.altKey) parts.push("alt");
  if (event.ctrlKey || event.metaKey) parts.push("mod");
  return [...parts, key].join("+");
}

/** Which shortcut a key means, after the key before it. */
export function find(all: readonly Group[], key: string, before: string): Shortcut | undefined {
  const flat = all.flatMap((group) => group.shortcuts).reverse();
  return flat.find((one) => one.keys === `${before} ${key}`) ?? flat.find((one) => one.keys === key);
}

const SEQUENCE_MS = 1200;
const TYPING = "input:not([type=range], [type=checkbox], [type=radio]), textarea, select, [contenteditable=true]";
/** Keys that a focused control means for itself. */
const OWN = new Set(["space", "enter", "arrowup", "arrowdown", "arrowleft", "arrowright", "home", "end"]);
const CONTROLS = "button, a[href], summary, [role=slider], [role=tab], [role=menuitem], [role=switch], input, select, [data-own-keys]";

export function followKeys(): void {
  let before = "";
  let beforeAt = 0;
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || ["Shift", "Control", "Alt", "Meta"].includes(event.key)) return;
    const key = keyName(event);
    const target = event.target instanceof Element ? event.target : null;
    if (OWN.has(key) && target?.closest(CONTROLS)) return;
    const found = find(groups.value, key, event.timeStamp - beforeAt < SEQUENCE_MS ? before : "");
    [before, beforeAt] = [key, event.timeStamp];
    if (!found || (target?.closest(TYPING) && !found.whileTyping)) return;
    if (document.querySelector("dialog:modal") && !found.whileTyping) return;
    event.preventDefault();
    found.run(event);
  });
}

const SHOWN: Record<string, string> = {
  mod: typeof navigator !== "undefined" && /mac/i.test(navigator.platform) ? "Cmd" : "Ctrl",
  shift: "Shift",
  alt: "Alt",
  space: "Space",
  escape: "Esc",
  enter: "Enter",
  arrowup: "Up",
  arrowdown: "Down",
  arrowleft: "Left",
  arrowright: "Right",
};

/** "shift+mod+z" as people read it: [["Shift", "Ctrl", "Z"]]; one list a key of a sequence. */
export function spell(keys: string): string[][] {
  return keys.split(" ").map((one) =>
    one === "+" ? ["+"] : one.split("+").map((part) => SHOWN[part] ?? (part.length === 1 ? part.toUpperCase() : part)),
  );
}
