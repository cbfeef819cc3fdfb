/** What lies over the points: names, rings, the cross-hair, lines that are drawn. */

import { toPixels, type Camera, type Point, type Size } from "./camera";
import { along } from "./geometry";
import { placed, type Sign } from "./names";

/** A point that is marked: of the library by `index`, or anywhere by `x` and `y`. */
export interface Mark {
  index?: number | undefined;
  x?: number | undefined;
  y?: number | undefined;
  /** "ring" for what is picked, "new" for a sound that was made. */
  kind?: "ring" | "new" | undefined;
  /** A few letters beside it, such as "A". */
  text?: string | undefined;
  colour?: string | undefined;
}

export interface Way {
  points: readonly Point[];
  /** Where the play head is, 0 to 1. */
  head?: number | undefined;
}

export interface Scene {
  signs: readonly Sign[];
  marks: readonly { at: Point; mark: Mark }[];
  hovered: Point | null;
  cursor: Point | null;
  way: Way | null;
  /** A line under the pointer, in pixels. */
  stroke: { kind: "path" | "lasso"; points: readonly Point[] } | null;
  diameter: number;
}

export interface Inks {
  ink: string;
  soft: string;
  ground: string;
  accent: string;
}

export function drawOverlay(pen: CanvasRenderingContext2D, camera: Camera, size: Size, ratio: number, scene: Scene, inks: Inks): void {
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, size.width, size.height);
  pen.lineJoin = pen.lineCap = "round";
  const pixels = (point: Point): Point => toPixels(camera, size, point);
  drawSigns(pen, camera, size, scene.signs, inks);
  if (scene.way) drawWay(pen, scene.way, pixels, inks);
  for (const { at, mark } of scene.marks) drawMark(pen, pixels(at), mark, scene.diameter, inks);
  if (scene.hovered) ring(pen, pixels(scene.hovered), scene.diameter / 2 + 4, inks.ink, inks.ground);
  if (scene.cursor) drawCursor(pen, pixels(scene.cursor), inks);
  if (scene.stroke) drawStroke(pen, scene.stroke, inks);
}

function drawSigns(pen: CanvasRenderingContext2D, camera: Camera, size: Size, signs: readonly Sign[], inks: Inks): void {
  const height = Math.min(17, 12 + Math.max(0, Math.log2(camera.zoom)) * 1.25);
  pen.font = `600 ${height}px system-ui, sans-serif`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.lineWidth = 3.5;
  const shown = placed(signs, (sign) => toPixels(camera, size, [sign.x, sign.y]), (text) => pen.measureText(text).width, height * 1.2, size);
  for (const { sign, left, top } of shown) {
    pen.strokeStyle = inks.ground;
    pen.strokeText(sign.text, left, top);
    pen.fillStyle = sign.colour ?? inks.ink;
    pen.fillText(sign.text, left, top);
  }
}

function drawMark(pen: CanvasRenderingContext2D, at: Point, mark: Mark, diameter: number, inks: Inks): void {
  const colour = mark.colour ?? inks.accent;
  if (mark.kind === "new") {
    pen.beginPath();
    pen.arc(at[0], at[1], Math.max(4.5, diameter / 2), 0, 2 * Math.PI);
    pen.fillStyle = colour;
    pen.fill();
    pen.strokeStyle = inks.ground;
    pen.lineWidth = 1.5;
    pen.stroke();
  } else ring(pen, at, diameter / 2 + 5, colour, inks.ground);
  if (!mark.text) return;
  pen.font = "700 12px system-ui, sans-serif";
  pen.textAlign = "left";
  pen.textBaseline = "middle";
  pen.lineWidth = 3.5;
  pen.strokeStyle = inks.ground;
  pen.strokeText(mark.text, at[0] + diameter / 2 + 9, at[1]);
  pen.fillStyle = inks.ink;
  pen.fillText(mark.text, at[0] + diameter / 2 + 9, at[1]);
}

function ring(pen: CanvasRenderingContext2D, at: Point, radius: number, colour: string, ground: string): void {
  for (const [style, width] of [[ground, 4.5], [colour, 2]] as const) {
    pen.beginPath();
    pen.arc(at[0], at[1], radius, 0, 2 * Math.PI);
    pen.strokeStyle = style;
    pen.lineWidth = width;
    pen.stroke();
  }
}

function drawCursor(pen: CanvasRenderingContext2D, [left, top]: Point, inks: Inks): void {
  for (const [style, width] of [[inks.ground, 4], [inks.accent, 1.5]] as const) {
    pen.beginPath();
    for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]] as const) {
      pen.moveTo(left + dx * 7, top + dy * 7);
      pen.lineTo(left + dx * 16, top + dy * 16);
    }
    pen.strokeStyle = style;
    pen.lineWidth = width;
    pen.stroke();
  }
}

function line(pen: CanvasRenderingContext2D, points: readonly Point[]): void {
  pen.beginPath();
  points.forEach(([left, top], at) => (at ? pen.lineTo(left, top) : pen.moveTo(left, top)));
}

function drawWay(pen: CanvasRenderingContext2D, way: Way, pixels: (point: Point) => Point, inks: Inks): void {
  line(pen, way.points.map(pixels));
  pen.strokeStyle = inks.ground;
  pen.lineWidth = 5;
  pen.stroke();
  pen.strokeStyle = inks.accent;
  pen.lineWidth = 2.25;
  pen.stroke();
  const head = way.head === undefined ? null : along(way.points, way.head);
  const ends: [Point | null | undefined, number][] = [[way.points[0], 3.5], [head, 6]];
  for (const [point, radius] of ends) {
    if (!point) continue;
    const [left, top] = pixels(point);
    pen.beginPath();
    pen.arc(left, top, radius, 0, 2 * Math.PI);
    pen.fillStyle = inks.accent;
    pen.fill();
    pen.lineWidth = 1.5;
    pen.strokeStyle = inks.ground;
    pen.stroke();
  }
}

function drawStroke(pen: CanvasRenderingContext2D, stroke: { kind: "path" | "lasso"; points: readonly Point[] }, inks: Inks): void {
  line(pen, stroke.points);
  pen.strokeStyle = inks.accent;
  pen.lineWidth = stroke.kind === "path" ? 2.25 : 1.5;
  if (stroke.kind === "lasso") {
    pen.closePath();
    pen.globalAlpha = 0.14;
    pen.fillStyle = inks.accent;
    pen.fill();
    pen.globalAlpha = 1;
    pen.setLineDash([4, 4]);
  }
  pen.stroke();
  pen.setLineDash([]);
}
