/** A scatter plot of up to some hundred thousand points that can be seen, pointed at, drawn on and walked by key. */

import KDBush from "kdbush";
import { reducedMotion, token } from "../state/theme";
import { between, fitting, panned, scaleOf, toMap, WHOLE, zoomed, type Camera, type Point, type Size } from "./camera";
import { boundsOf, isInside, nearestTowards, simplified } from "./geometry";
import { Gestures, type Mode } from "./gestures";
import type { Sign } from "./names";
import { budgetAfter } from "./order";
import { drawOverlay, type Inks, type Mark, type Way } from "./overlay";
import { LABEL_COLOURS } from "./palette";
import { rendererFor, type Renderer } from "./renderer";

export type { Camera, Mark, Mode, Point, Sign, Way };

export interface Points {
  /** x, y, x, y ... from 0 to 1, y up. */
  positions: Float32Array;
}

export interface PointStyles {
  /** Indices into the palette; all 0 without. */
  colours?: ArrayLike<number> | undefined;
  /** Indices into `SHAPES`; circles without. */
  shapes?: ArrayLike<number> | undefined;
  /** 1 is the usual size. */
  sizes?: ArrayLike<number> | undefined;
  /** 0 to 1; what is 0 is not there, also for the pointer. */
  opacities?: ArrayLike<number> | undefined;
  /** "#rrggbb", at most 256. */
  palette?: readonly string[] | undefined;
}

export interface ScatterEvents {
  /** The pointer or the keys came to a point; -1 for none. `byKey` tells which. */
  onHover?: ((index: number, byKey: boolean) => void) | undefined;
  /** A click, or Enter: on a point, or (null) in the empty; always with the place, 0 to 1. */
  onClick?: ((index: number | null, at: Point, event: PointerEvent | KeyboardEvent) => void) | undefined;
  onLasso?: ((indices: number[]) => void) | undefined;
  /** A way was drawn, simplified. */
  onPath?: ((points: Point[]) => void) | undefined;
  /** A way is being drawn: its newest point. */
  onPathStep?: ((at: Point) => void) | undefined;
  onCamera?: ((camera: Camera) => void) | undefined;
}

const HIT_PX = 9;
const DIMMED = 0.14;
const SHIFT_PX = 24;
/** So long after the last move, all points are drawn. */
const REST_MS = 130;

export class Scatter {
  events: ScatterEvents = {};
  #canvas = document.createElement("canvas");
  #over = document.createElement("canvas");
  #renderer: Renderer;
  #gestures: Gestures;
  #watcher: ResizeObserver;
  #size: Size = { width: 1, height: 1 };
  #ratio = 1;
  #camera: Camera = WHOLE;
  #frame = 0;
  /** Whether the points must be drawn again, not only what lies over them. */
  #isStale = true;
  #budget = Infinity;
  #askedAt = 0;
  #hasMoved = false;
  #rest = 0;
  #moving = 0;
  #inks: Inks;
  #xy: Float32Array = new Float32Array();
  #tree: KDBush | null = null;
  #styles: Uint8Array = new Uint8Array();
  #given: PointStyles = {};
  #selected: ReadonlySet<number> | null = null;
  #pointSize = 1;
  #signs: readonly Sign[] = [];
  #marks: readonly Mark[] = [];
  #way: Way | null = null;
  #stroke: { kind: "path" | "lasso"; points: readonly Point[] } | null = null;
  #hovered = -1;
  #cursor: Point | null = null;
  #pointer: Point | null = null;

  /** Fills `element`, which must have a size and `position`. It takes the keys while it has the focus. */
  constructor(private readonly element: HTMLElement) {
    for (const canvas of [this.#canvas, this.#over]) {
      canvas.className = "t-scatter-canvas";
      canvas.setAttribute("aria-hidden", "true");
      element.append(canvas);
    }
    this.#renderer = rendererFor(this.#canvas);
    this.#renderer.setPalette(LABEL_COLOURS);
    this.#inks = inksOf(element);
    this.#gestures = new Gestures(element, {
      pan: (left, top) => this.#look(panned(this.#camera, this.#size, left, top)),
      zoom: (factor, at) => this.#look(zoomed(this.#camera, this.#size, factor, at)),
      hover: (at) => {
        this.#pointer = at;
        this.#redrawOver();
      },
      click: (at, event) => this.#click(at, event),
      stroke: (kind, points, isDone) => this.#drawn(kind, points, isDone),
      strokeDropped: () => {
        this.#stroke = null;
        this.#redrawOver();
      },
    });
    this.#watcher = new ResizeObserver(() => this.#fit());
    this.#watcher.observe(element);
    this.#canvas.addEventListener("timbrel-redraw", () => this.redraw());
    element.addEventListener("keydown", this.#onKey);
    element.addEventListener("blur", this.#onBlur);
    this.#fit();
  }

  destroy(): void {
    cancelAnimationFrame(this.#frame);
    cancelAnimationFrame(this.#moving);
    clearTimeout(this.#rest);
    this.#watcher.disconnect();
    this.#gestures.destroy();
    this.#renderer.destroy();
    this.element.removeEventListener("keydown", this.#onKey);
    this.element.removeEventListener("blur", this.#onBlur);
    this.#canvas.remove();
    this.#over.remove();
  }

  /** Other points. Styles of the same length are kept. */
  setPoints(positions: Float32Array): void {
    this.#xy = positions;
    this.#hovered = -1;
    const count = positions.length / 2;
    this.#tree = count ? new KDBush(count, 64, Float32Array) : null;
    for (let index = 0; index < count; index++) this.#tree?.add(positions[index * 2]!, positions[index * 2 + 1]!);
    this.#tree?.finish();
    this.#renderer.setPositions(positions);
    this.#restyle();
  }

  setStyles(styles: PointStyles): void {
    this.#given = styles;
    this.#renderer.setPalette(styles.palette ?? LABEL_COLOURS);
    this.#restyle();
  }

  /** Dims all other points; null for none. */
  setSelected(indices: Iterable<number> | null): void {
    this.#selected = indices ? new Set(indices) : null;
    this.#restyle();
  }

  setSigns(signs: readonly Sign[]): void {
    this.#signs = signs;
    this.#redrawOver();
  }

  setMarks(marks: readonly Mark[]): void {
    this.#marks = marks;
    this.#redrawOver();
  }

  setWay(way: Way | null): void {
    this.#way = way;
    this.#redrawOver();
  }

  setMode(mode: Mode): void {
    this.#gestures.mode = mode;
    this.element.dataset["mode"] = mode;
  }

  /** Multiplies every point's size. */
  setPointSize(size: number): void {
    this.#pointSize = size;
    this.redraw();
  }

  /** Reads the tokens again, after a change of theme. */
  restyle(): void {
    this.#inks = inksOf(this.element);
    this.redraw();
  }

  get camera(): Camera {
    return this.#camera;
  }

  /** The place of the cross-hair, where the keys have set one. */
  get cursor(): Point | null {
    return this.#cursor;
  }

  zoomBy(factor: number): void {
    this.#glide(zoomed(this.#camera, this.#size, factor, [this.#size.width / 2, this.#size.height / 2]));
  }

  reset(): void {
    this.#glide(WHOLE);
  }

  /** Shows some points, or a place. */
  show(what: readonly number[] | Point): void {
    const points = isPlace(what) ? [what] : what.map((index) => this.#place(index));
    this.#glide(fitting(points, this.#size));
  }

  /** Puts the cross-hair on a point and shows it. */
  focusPoint(index: number): void {
    this.#cursor = this.#place(index);
    this.#hovered = index;
    this.#reveal(this.#cursor);
    this.redraw();
  }

  /** Draws the points and all over them at the next frame. */
  redraw(): void {
    this.#isStale = true;
    this.#redrawOver();
  }

  #redrawOver(): void {
    if (this.#frame) return;
    this.#askedAt = performance.now();
    this.#frame = requestAnimationFrame(() => this.#draw());
  }

  #place(index: number): Point {
    return [this.#xy[index * 2] ?? 0, this.#xy[index * 2 + 1] ?? 0];
  }

  #look(camera: Camera): void {
    cancelAnimationFrame(this.#moving);
    this.#camera = camera;
    this.#hasMoved = true;
    this.events.onCamera?.(camera);
    this.redraw();
  }

  #glide(to: Camera): void {
    if (reducedMotion()) return this.#look(to);
    const from = this.#camera;
    const begun = performance.now();
    const move = (now: number): void => {
      const share = Math.min(1, Math.max(0, now - begun) / 240);
      this.#look(between(from, to, 1 - (1 - share) ** 3));
      if (share < 1) this.#moving = requestAnimationFrame(move);
    };
    cancelAnimationFrame(this.#moving);
    this.#moving = requestAnimationFrame(move);
  }

  #fit(): void {
    const { clientWidth, clientHeight } = this.element;
    this.#size = { width: Math.max(1, clientWidth), height: Math.max(1, clientHeight) };
    this.#ratio = Math.min(3, devicePixelRatio || 1);
    for (const canvas of [this.#canvas, this.#over]) {
      canvas.width = Math.round(this.#size.width * this.#ratio);
      canvas.height = Math.round(this.#size.height * this.#ratio);
    }
    cancelAnimationFrame(this.#frame);
    this.#isStale = true;
    this.#draw();
  }

  #restyle(): void {
    const count = this.#xy.length / 2;
    const { colours, shapes, sizes, opacities } = this.#given;
    this.#styles = new Uint8Array(count * 4);
    for (let index = 0; index < count; index++) {
      const dim = this.#selected && !this.#selected.has(index) ? DIMMED : 1;
      this.#styles[index * 4] = colours?.[index] ?? 0;
      this.#styles[index * 4 + 1] = shapes?.[index] ?? 0;
      this.#styles[index * 4 + 2] = Math.round(Math.min(1, opacities?.[index] ?? 1) * dim * 255);
      this.#styles[index * 4 + 3] = Math.min(255, Math.round((sizes?.[index] ?? 1) * 64));
    }
    this.#renderer.setStyles(this.#styles);
    this.redraw();
  }

  #diameter(): number {
    const crowd = Math.min(1, (600 / Math.max(1, this.#xy.length / 2)) ** 0.26);
    return Math.min(16, Math.max(1.8, 9 * crowd) * Math.max(0.7, this.#camera.zoom) ** 0.38) * this.#pointSize;
  }

  #draw(): void {
    this.#frame = 0;
    this.#follow();
    const diameter = this.#diameter();
    if (this.#isStale) this.#drawPoints(diameter);
    const pen = this.#over.getContext("2d");
    if (!pen) return;
    const scene = {
      signs: this.#signs,
      marks: this.#marks.map((mark) => ({ mark, at: mark.index === undefined ? ([mark.x ?? 0, mark.y ?? 0] as const) : this.#place(mark.index) })),
      hovered: this.#hovered < 0 ? null : this.#place(this.#hovered),
      cursor: this.#cursor,
      way: this.#way,
      stroke: this.#stroke,
      diameter,
    };
    drawOverlay(pen, this.#camera, this.#size, this.#ratio, scene, this.#inks);
  }

  /** All points; while the picture moves, as many as this machine draws smoothly. */
  #drawPoints(diameter: number): void {
    this.#isStale = false;
    const count = this.#xy.length / 2;
    const isMoving = this.#hasMoved;
    this.#hasMoved = false;
    clearTimeout(this.#rest);
    if (isMoving) {
      const lateMs = performance.now() - this.#askedAt;
      this.#budget = budgetAfter(Math.min(count, this.#budget), lateMs, count);
      if (this.#budget < count) this.#rest = window.setTimeout(() => this.redraw(), Math.max(REST_MS, Math.min(600, lateMs * 2)));
    }
    const look = { diameter, opacity: count > 20_000 ? 0.8 : 0.94, ground: this.#inks.ground };
    this.#renderer.draw(this.#camera, this.#size, this.#ratio, look, isMoving ? this.#budget : count);
  }

  /** Looks once a frame which point the pointer is on. */
  #follow(): void {
    if (!this.#pointer) {
      if (this.#hovered >= 0 && !this.#cursor) this.#hover(-1, false);
      return;
    }
    this.#hover(this.#hit(this.#pointer, HIT_PX), false);
  }

  #hover(index: number, byKey: boolean): void {
    if (index === this.#hovered) return;
    this.#hovered = index;
    this.element.dataset["over"] = index < 0 ? "" : "point";
    this.events.onHover?.(index, byKey);
  }

  #hit(at: Point, reach: number): number {
    if (!this.#tree) return -1;
    const [x, y] = toMap(this.#camera, this.#size, at);
    const [across, up] = scaleOf(this.#camera, this.#size);
    const radius = Math.max(reach, this.#diameter() / 2 + 2);
    let [best, least] = [-1, radius ** 2];
    for (const index of this.#tree.range(x - radius / across, y - radius / up, x + radius / across, y + radius / up)) {
      const far = ((this.#xy[index * 2]! - x) * across) ** 2 + ((this.#xy[index * 2 + 1]! - y) * up) ** 2;
      if (far < least && this.#isThere(index)) [best, least] = [index, far];
    }
    return best;
  }

  #isThere = (index: number): boolean => this.#styles[index * 4 + 2]! > 0;

  #click(at: Point, event: PointerEvent): void {
    this.#cursor = null;
    const index = this.#hit(at, event.pointerType === "touch" ? HIT_PX * 2 : HIT_PX);
    if (event.pointerType === "touch") this.#hover(index, false);
    this.events.onClick?.(index < 0 ? null : index, withinSquare(toMap(this.#camera, this.#size, at)), event);
    this.#redrawOver();
  }

  #drawn(kind: "path" | "lasso", pixels: readonly Point[], isDone: boolean): void {
    this.#stroke = isDone ? null : { kind, points: [...pixels] };
    this.#redrawOver();
    const last = pixels.at(-1);
    if (kind === "path" && last && !isDone) this.events.onPathStep?.(withinSquare(toMap(this.#camera, this.#size, last)));
    if (!isDone) return;
    const points = simplified(pixels, 1).map((point) => toMap(this.#camera, this.#size, point));
    if (kind === "path") this.events.onPath?.(points.map(withinSquare));
    else this.events.onLasso?.(this.#within(points));
  }

  #within(outline: readonly Point[]): number[] {
    if (!this.#tree || outline.length < 3) return [];
    return this.#tree.range(...boundsOf(outline)).filter((index) => this.#isThere(index) && isInside(this.#place(index), outline)).sort((a, b) => a - b);
  }

  #onBlur = (): void => {
    this.#cursor = null;
    this.#redrawOver();
  };

  #onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== this.element) return;
    const direction = ({ ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] } as Record<string, Point>)[event.key];
    if (direction && event.shiftKey) this.#slide(direction);
    else if (direction) this.#jump(direction);
    else if (event.key === "Enter") this.#enter(event);
    else if (event.key === "+" || event.key === "=") this.zoomBy(1.5);
    else if (event.key === "-") this.zoomBy(1 / 1.5);
    else if (event.key === "0") this.reset();
    else if (event.key === "Escape" && this.#cursor) {
      this.#cursor = null;
      this.#hover(-1, true);
      this.redraw();
    } else if (event.key !== " ") return; // space, held, makes a drag pan
    event.preventDefault();
    event.stopPropagation();
  };

  /** To the nearest point in a direction. */
  #jump(direction: Point): void {
    const from = this.#cursor ?? (this.#hovered >= 0 ? this.#place(this.#hovered) : [this.#camera.x, this.#camera.y] as const);
    const index = nearestTowards(this.#xy, from, direction, scaleOf(this.#camera, this.#size), this.#isThere);
    if (index < 0) return;
    this.#pointer = null;
    this.#cursor = this.#place(index);
    this.#hover(index, true);
    this.#reveal(this.#cursor);
  }

  /** Freely, by some pixels. */
  #slide([dx, dy]: Point): void {
    const [across, up] = scaleOf(this.#camera, this.#size);
    const from = this.#cursor ?? [this.#camera.x, this.#camera.y];
    this.#pointer = null;
    this.#cursor = withinSquare([from[0] + (dx * SHIFT_PX) / across, from[1] + (dy * SHIFT_PX) / up]);
    this.#hover(-1, true);
    this.#reveal(this.#cursor);
  }

  #enter(event: KeyboardEvent): void {
    const at = this.#cursor ?? ([this.#camera.x, this.#camera.y] as const);
    this.#cursor = at;
    this.events.onClick?.(this.#hovered < 0 ? null : this.#hovered, withinSquare(at), event);
    this.#redrawOver();
  }

  #reveal(at: Point): void {
    const [across, up] = scaleOf(this.#camera, this.#size);
    const half: Point = [(this.#size.width / 2 - 30) / across, (this.#size.height / 2 - 30) / up];
    const [dx, dy] = [at[0] - this.#camera.x, at[1] - this.#camera.y];
    if (Math.abs(dx) <= half[0] && Math.abs(dy) <= half[1]) return this.#redrawOver();
    const beyond = (off: number, room: number): number => Math.sign(off) * Math.max(0, Math.abs(off) - Math.max(0, room));
    this.#look({ ...this.#camera, x: this.#camera.x + beyond(dx, half[0]), y: this.#camera.y + beyond(dy, half[1]) });
  }
}

const withinSquare = ([x, y]: Point): Point => [Math.min(1, Math.max(0, x)), Math.min(1, Math.max(0, y))];
const isPlace = (what: readonly number[] | Point): what is Point => what.length === 2 && !what.every(Number.isInteger);

function inksOf(element: Element): Inks {
  return { ink: token("ink", element), soft: token("soft", element), ground: token("panel", element), accent: token("accent", element) };
}
