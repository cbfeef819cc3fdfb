/** Dark or light, and the colours as canvases need them. */

import { computed, signal } from "@preact/signals";
import { remember, remembered } from "./storage";

export type Theme = "auto" | "dark" | "light";
const ORDER: readonly Theme[] = ["auto", "dark", "light"];

const saved = remembered("theme");
export const theme = signal<Theme>(ORDER.find((one) => one === saved) ?? "auto");
const darkOutside = signal(false);

/** What is shown; canvases read it so that they draw again on a change. */
export const shownTheme = computed<"dark" | "light">(() =>
  theme.value === "auto" ? (darkOutside.value ? "dark" : "light") : theme.value,
);

export function setTheme(value: Theme): void {
  theme.value = value;
  remember("theme", value);
  apply();
}

export const nextTheme = (value: Theme): Theme => ORDER[(ORDER.indexOf(value) + 1) % ORDER.length] ?? "auto";

export function followTheme(): void {
  const query = window.matchMedia("(prefers-color-scheme: dark)");
  darkOutside.value = query.matches;
  query.addEventListener("change", (event) => {
    darkOutside.value = event.matches;
  });
  apply();
}

/** The value of a token, such as `token("accent")`, in the theme that is shown. */
export function token(name: string, from: Element = document.documentElement): string {
  return getComputedStyle(from).getPropertyValue(`--${name}`).trim();
}

export const reducedMotion = (): boolean => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

function apply(): void {
  if (theme.value === "auto") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme.value;
}
