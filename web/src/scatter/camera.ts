/** Which part of the unit square is in sight, and how large. Pure; y is up on the map, down in pixels. */

export interface Size {
  width: number;
  height: number;
}

export interface Camera {
  /** The point in the middle. */
  x: number;
  y: number;
  /** 1 shows the whole square. */
  zoom: number;
}

export type Point = readonly [x: number, y: number];

export const WHOLE: Camera = { x: 0.5, y: 0.5, zoom: 1 };
const NEAREST = 400;
const FARTHEST = 0.6;
/** The square's share of the edges at zoom 1. */
const FILL = 0.94;
/** Each axis of a map is scaled on its own, so the square may fill an oblong, within reason. */
const LONGEST = 1.9;

/** Pixels per unit, across and up. */
export function scaleOf(camera: Camera, size: Size): Point {
  const shorter = Math.max(1, Math.min(size.width, size.height));
  const edge = (length: number): number => Math.min(Math.max(1, length), shorter * LONGEST) * FILL * camera.zoom;
  return [edge(size.width), edge(size.height)];
}

export function toPixels(camera: Camera, size: Size, [x, y]: Point): Point {
  const [across, up] = scaleOf(camera, size);
  return [size.width / 2 + (x - camera.x) * across, size.height / 2 - (y - camera.y) * up];
}

export function toMap(camera: Camera, size: Size, [left, top]: Point): Point {
  const [across, up] = scaleOf(camera, size);
  return [camera.x + (left - size.width / 2) / across, camera.y - (top - size.height / 2) / up];
}

/** Moves what is seen by pixels. */
export function panned(camera: Camera, size: Size, byLeft: number, byTop: number): Camera {
  const [across, up] = scaleOf(camera, size);
  return kept({ ...camera, x: camera.x - byLeft / across, y: camera.y + byTop / up });
}

/** Zooms so that the point under `at` stays where it is. */
export function zoomed(camera: Camera, size: Size, factor: number, at: Point): Camera {
  const zoom = Math.min(NEAREST, Math.max(FARTHEST, camera.zoom * factor));
  const [x, y] = toMap(camera, size, at);
  const next = { ...camera, zoom };
  const [newX, newY] = toMap(next, size, at);
  return kept({ zoom, x: camera.x + x - newX, y: camera.y + y - newY });
}

/** The camera that shows some points, with room around them. */
export function fitting(points: readonly Point[], size: Size): Camera {
  if (!points.length) return WHOLE;
  const xs = points.map((point) => point[0]);
  const ys = points.map((point) => point[1]);
  const [left, right, low, high] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const [across, up] = scaleOf(WHOLE, size);
  const zoom = Math.min((size.width * 0.8) / Math.max(1e-6, right - left) / across, (size.height * 0.8) / Math.max(1e-6, high - low) / up);
  return kept({ x: (left + right) / 2, y: (low + high) / 2, zoom: Math.min(40, Math.max(1, zoom)) });
}

/** Part of the way from one camera to another; zoom moves evenly to the eye. */
export function between(from: Camera, to: Camera, share: number): Camera {
  const mix = (a: number, b: number): number => a + (b - a) * share;
  return { x: mix(from.x, to.x), y: mix(from.y, to.y), zoom: from.zoom * (to.zoom / from.zoom) ** share };
}

function kept(camera: Camera): Camera {
  const keep = (value: number): number => Math.min(1.2, Math.max(-0.2, value));
  return { x: keep(camera.x), y: keep(camera.y), zoom: camera.zoom };
}
