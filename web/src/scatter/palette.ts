/** Colours and shapes of labels: told apart by colour-blind eyes, on dark and on light ground. */

/** Ten colours after Tol's "bright" and "vibrant" schemes, as the map's own page has them. */
export const LABEL_COLOURS = [
  "#4b84c4", "#ee6677", "#2f9440", "#ccaa22", "#33a8d0", "#b8458f", "#ee7733", "#009988", "#9a6b3f", "#8f7fe0",
] as const;
export const NO_LABEL_COLOUR = "#8c8c8c";

/** By their numbers: what `shapes` holds. */
export const SHAPES = ["circle", "square", "triangle", "diamond", "plus", "triangle_down", "cross"] as const;
export type Shape = (typeof SHAPES)[number];

/** The look of a label by its place in the legend: ten colours and seven shapes make seventy. */
export function lookOf(rank: number, label: string): { colour: string; shape: Shape } {
  if (!label) return { colour: NO_LABEL_COLOUR, shape: "circle" };
  return { colour: LABEL_COLOURS[rank % LABEL_COLOURS.length]!, shape: SHAPES[rank % SHAPES.length]! };
}

/** Blue over teal to yellow: even steps to the eye, safe for the colour-blind ("viridis", van der Walt and Smith). */
const STOPS: readonly (readonly [number, number, number])[] = [
  [92, 46, 145], [72, 88, 158], [45, 124, 160], [38, 158, 148], [72, 190, 122], [150, 210, 76], [226, 208, 52],
];

/** A colour of the ramp, for a value from 0 to 1. */
export function ramp(share: number): string {
  const place = Math.min(1, Math.max(0, share)) * (STOPS.length - 1);
  const at = Math.min(STOPS.length - 2, Math.floor(place));
  const channel = (which: 0 | 1 | 2): number => Math.round(STOPS[at]![which] + (STOPS[at + 1]![which] - STOPS[at]![which]) * (place - at));
  return `#${[channel(0), channel(1), channel(2)].map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}

/** 256 colours: 255 steps of the ramp, and the last for "not known". */
export const RAMP: readonly string[] = [...Array.from({ length: 255 }, (_, at) => ramp(at / 254)), NO_LABEL_COLOUR];

/** Indices into `RAMP` of values between two bounds; null and NaN are "not known". */
export function rampIndices(values: ArrayLike<number | null>, low: number, high: number): Uint8Array {
  return Uint8Array.from(values, (value) =>
    value === null || !Number.isFinite(value) ? 255 : Math.round(Math.min(1, Math.max(0, (value - low) / (high - low || 1))) * 254),
  );
}

/** "#rrggbb" as three bytes. */
export function bytesOf(colour: string): [number, number, number] {
  const number = parseInt(colour.replace("#", ""), 16);
  return [(number >> 16) & 255, (number >> 8) & 255, number & 255];
}
