import { SHAPES, type Shape } from "../../scatter/palette";

const PATHS: Record<Shape, string> = {
  circle: "M5 1a4 4 0 1 0 0 8a4 4 0 0 0 0-8z",
  square: "M1.5 1.5h7v7h-7z",
  triangle: "M5 1l4.2 7.6H.8z",
  diamond: "M5 .6L9.4 5 5 9.4.6 5z",
  plus: "M3.7.8h2.6v2.9h2.9v2.6H6.3v2.9H3.7V6.3H.8V3.7h2.9z",
  triangle_down: "M5 9L.8 1.4h8.4z",
  cross: "M2.4.8L5 3.4 7.6.8l1.6 1.6L6.6 5l2.6 2.6-1.6 1.6L5 6.6 2.4 9.2.8 7.6 3.4 5 .8 2.4z",
};

/** A point as the plot draws it, for the legend and for lists. */
export function Glyph({ shape, colour }: { shape: number; colour: string }) {
  return <svg class="map-glyph" viewBox="0 0 10 10" width="11" height="11" aria-hidden="true" focusable="false"><path d={PATHS[SHAPES[shape % SHAPES.length] ?? "circle"]} fill={colour} /></svg>;
}
