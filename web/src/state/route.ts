/** Where the page is: "#/map?instrument=drums". Views read `route`, and move with `go` and `setParams`. */

import { signal } from "@preact/signals";

export const VIEWS = ["library", "map", "play", "recording", "train", "judge", "history"] as const;
export type ViewId = (typeof VIEWS)[number];

export interface Route {
  view: ViewId;
  params: Readonly<Record<string, string>>;
}

/** Reads an address's hash; what is unknown leads to the library. */
export function parse(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  const view = VIEWS.find((known) => known === path) ?? "library";
  return { view, params: Object.fromEntries(new URLSearchParams(query)) };
}

/** Writes one; empty parameters are left out. */
export function write(view: ViewId, params: Readonly<Record<string, string | null | undefined>> = {}): string {
  const kept = Object.entries(params).filter((pair): pair is [string, string] => Boolean(pair[1]));
  const query = new URLSearchParams(kept).toString();
  return `#/${view}${query ? `?${query}` : ""}`;
}

export const route = signal<Route>(parse(typeof location === "undefined" ? "" : location.hash));

/** Goes to a view. The instrument in hand stays in hand unless another is named. */
export function go(view: ViewId, params: Record<string, string | null | undefined> = {}): void {
  location.hash = write(view, { instrument: route.value.params["instrument"], ...params });
}

/** Changes parameters where one is, without a step in the browser's history. */
export function setParams(params: Record<string, string | null | undefined>): void {
  const { view, params: now } = route.value;
  history.replaceState(null, "", write(view, { ...now, ...params }));
  route.value = parse(location.hash);
}

export function followAddress(): void {
  window.addEventListener("hashchange", () => {
    route.value = parse(location.hash);
  });
}
