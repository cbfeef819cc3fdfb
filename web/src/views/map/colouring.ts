/** What colours and the legend say, and what the legend hides. Pure. */

import type { PointStyles } from "../../scatter/Scatter";
import { RAMP, rampIndices, SHAPES } from "../../scatter/palette";
import { length } from "../sounds/words";
import { noteOf, type Cloud } from "./cloud";

export type Colouring = "group" | "pitch" | "length" | "level";

export interface Entry {
  name: string;
  colour: string;
  count: number;
}

/** Points in classes: the lines of the legend. */
export interface Classes {
  entries: readonly Entry[];
  /** The class of each point. */
  of: Uint16Array;
  /** Colours of the points: indices into the palette. */
  colours: Uint8Array;
  palette: readonly string[];
  isScale: boolean;
}

const STEPS = 6;
const MOST_COLOURS = 256;

export function classesOf(cloud: Cloud, colouring: Colouring): Classes {
  if (colouring === "pitch") return scaled(cloud.pitches, (value) => value, (value) => noteOf(value));
  if (colouring === "length") return scaled(cloud.lengthsS, (value) => Math.log(Math.max(1e-3, value)), (value) => length(Math.exp(value)));
  if (colouring === "level") return scaled(cloud.levels, (value) => value, (value) => `${Math.round(value)}`.replace("-", "−"), " LUFS");
  return grouped(cloud);
}

function grouped(cloud: Cloud): Classes {
  const counts = new Array<number>(cloud.groups.length).fill(0);
  for (const group of cloud.group) counts[group] = (counts[group] ?? 0) + 1;
  const palette = cloud.colours.slice(0, MOST_COLOURS);
  return {
    entries: cloud.groups.map((name, at) => ({ name, colour: cloud.colours[at] ?? "#8c8c8c", count: counts[at] ?? 0 })),
    of: Uint16Array.from(cloud.group),
    colours: Uint8Array.from(cloud.group, (group) => group % MOST_COLOURS),
    palette,
    isScale: false,
  };
}

/** Even steps between the second and the ninety-eighth of a hundred, so that one odd sound does not take all colours. */
function scaled(values: readonly (number | null)[], ofValue: (value: number) => number, inWords: (value: number) => string, unit = ""): Classes {
  const placed = values.map((value) => (value === null || !Number.isFinite(value) ? null : ofValue(value)));
  const [low, high] = bounds(placed);
  const width = (high - low) / STEPS || 1;
  const of = Uint16Array.from(placed, (value) => (value === null ? STEPS : Math.min(STEPS - 1, Math.max(0, Math.floor((value - low) / width)))));
  const counts = new Array<number>(STEPS + 1).fill(0);
  for (const one of of) counts[one] = (counts[one] ?? 0) + 1;
  const entries: Entry[] = Array.from({ length: STEPS }, (_, at) => ({
    name: `${inWords(low + at * width)} to ${inWords(low + (at + 1) * width)}${unit}`,
    colour: RAMP[Math.round(((at + 0.5) / STEPS) * 254)] ?? "#8c8c8c",
    count: counts[at] ?? 0,
  }));
  entries.push({ name: "unknown", colour: RAMP[255] ?? "#8c8c8c", count: counts[STEPS] ?? 0 });
  return { entries, of, colours: rampIndices(placed, low, high), palette: RAMP, isScale: true };
}

export function bounds(values: readonly (number | null)[]): [number, number] {
  const known = Float64Array.from(values.filter((value): value is number => value !== null)).sort();
  if (!known.length) return [0, 1];
  const at = (share: number): number => known[Math.round((known.length - 1) * share)] ?? 0;
  return [at(0.02), at(0.98)];
}

/** The look of every point; what is hidden cannot be pointed at either. */
export function stylesOf(classes: Classes, hidden: ReadonlySet<number>): PointStyles {
  return {
    colours: classes.colours,
    palette: classes.palette,
    shapes: classes.isScale ? undefined : Uint8Array.from(classes.of, (one) => one % SHAPES.length),
    opacities: hidden.size ? Float32Array.from(classes.of, (one) => (hidden.has(one) ? 0 : 1)) : undefined,
  };
}

/** A click on a line of the legend: it alone, or, where it is alone already, all again. */
export function soloed(hidden: ReadonlySet<number>, entry: number, entries: number): ReadonlySet<number> {
  const isAlone = !hidden.has(entry) && hidden.size === entries - 1;
  return isAlone ? new Set() : new Set(Array.from({ length: entries }, (_, at) => at).filter((at) => at !== entry));
}

/** Its eye: hides it, or shows it again. What would leave nothing shows all. */
export function toggled(hidden: ReadonlySet<number>, entry: number, entries: number): ReadonlySet<number> {
  const next = new Set(hidden);
  if (!next.delete(entry)) next.add(entry);
  return next.size >= entries ? new Set() : next;
}
