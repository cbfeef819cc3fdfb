/** Turns pointers and wheels over an element into what is meant by them. */

import type { Point } from "./camera";

/** What a drag with the main button does. */
export type Mode = "explore" | "path" | "lasso";

export interface Meant {
  pan(byLeft: number, byTop: number): void;
  zoom(factor: number, at: Point): void;
  hover(at: Point | null): void;
  click(at: Point, event: PointerEvent): void;
  /** A line is drawn: its points so far. */
  stroke(kind: "path" | "lasso", points: readonly Point[], isDone: boolean): void;
  strokeDropped(): void;
}

const STILL_PX = 4;
const STILL_TOUCH_PX = 9;

export class Gestures {
  mode: Mode = "explore";
  readonly #aborter = new AbortController();
  readonly #down = new Map<number, Point>();
  #start: Point | null = null;
  #doing: "wait" | "pan" | "path" | "lasso" | "pinch" = "wait";
  #stroke: Point[] = [];
  #spaceIsDown = false;

  constructor(
    private readonly element: HTMLElement,
    private readonly meant: Meant,
  ) {
    const options = { signal: this.#aborter.signal };
    element.addEventListener("pointerdown", (event) => this.#onDown(event), options);
    element.addEventListener("pointermove", (event) => this.#onMove(event), options);
    element.addEventListener("pointerup", (event) => this.#onUp(event), options);
    element.addEventListener("pointercancel", (event) => this.#onCancel(event), options);
    element.addEventListener("pointerleave", () => { if (!this.#down.size) meant.hover(null); }, options);
    element.addEventListener("contextmenu", (event) => event.preventDefault(), options);
    element.addEventListener("wheel", (event) => this.#onWheel(event), { ...options, passive: false });
    document.addEventListener("keydown", (event) => { if (event.key === " ") this.#spaceIsDown = true; }, options);
    document.addEventListener("keyup", (event) => { if (event.key === " ") this.#spaceIsDown = false; }, options);
  }

  destroy(): void {
    this.#aborter.abort();
  }

  #at(event: MouseEvent): Point {
    const box = this.element.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  #onDown(event: PointerEvent): void {
    if (event.button === 1) event.preventDefault();
    this.element.setPointerCapture(event.pointerId);
    const at = this.#at(event);
    this.#down.set(event.pointerId, at);
    if (this.#down.size === 2) {
      if (this.#stroke.length) this.meant.strokeDropped();
      this.#stroke = [];
      this.#doing = "pinch";
      return;
    }
    this.#start = at;
    this.#doing = event.button === 1 || event.button === 2 || this.#spaceIsDown ? "pan" : "wait";
  }

  #onMove(event: PointerEvent): void {
    const at = this.#at(event);
    const before = this.#down.get(event.pointerId);
    if (!before) return this.meant.hover(event.pointerType === "touch" ? null : at);
    if (this.#doing === "pinch") this.#pinch(event.pointerId, at);
    this.#down.set(event.pointerId, at);
    if (this.#doing === "wait" && this.#start && moved(this.#start, at) > (event.pointerType === "touch" ? STILL_TOUCH_PX : STILL_PX)) this.#begin(event);
    if (this.#doing === "pan") this.meant.pan(at[0] - before[0], at[1] - before[1]);
    if (this.#doing === "path" || this.#doing === "lasso") this.#draw(event, this.#doing);
  }

  #begin(event: PointerEvent): void {
    this.#doing = event.shiftKey || this.mode === "lasso" ? "lasso" : this.mode === "path" ? "path" : "pan";
    this.#stroke = this.#doing === "pan" || !this.#start ? [] : [this.#start];
    this.meant.hover(null);
  }

  #draw(event: PointerEvent, kind: "path" | "lasso"): void {
    const all = event.getCoalescedEvents?.() ?? [];
    for (const one of all.length ? all : [event]) this.#stroke.push(this.#at(one));
    this.meant.stroke(kind, this.#stroke, false);
  }

  #onUp(event: PointerEvent): void {
    const wasDown = this.#down.delete(event.pointerId);
    if (!wasDown) return;
    if (this.#doing === "wait" && event.button === 0) this.meant.click(this.#at(event), event);
    if ((this.#doing === "path" || this.#doing === "lasso") && this.#stroke.length) this.meant.stroke(this.#doing, this.#stroke, true);
    this.#stroke = [];
    this.#doing = this.#down.size ? "pan" : "wait";
  }

  #onCancel(event: PointerEvent): void {
    this.#down.delete(event.pointerId);
    if (this.#stroke.length) this.meant.strokeDropped();
    this.#stroke = [];
    this.#doing = "wait";
  }

  #pinch(id: number, at: Point): void {
    const other = [...this.#down].find(([key]) => key !== id)?.[1];
    const before = this.#down.get(id);
    if (!other || !before) return;
    const middle: Point = [(at[0] + other[0]) / 2, (at[1] + other[1]) / 2];
    this.meant.pan((at[0] - before[0]) / 2, (at[1] - before[1]) / 2);
    this.meant.zoom(moved(at, other) / Math.max(1, moved(before, other)), middle);
  }

  #onWheel(event: WheelEvent): void {
    event.preventDefault();
    const lines = event.deltaMode === 1 ? 18 : 1;
    this.meant.zoom(Math.exp(-event.deltaY * lines * (event.ctrlKey ? 0.01 : 0.0016)), this.#at(event));
  }
}

const moved = (from: Point, to: Point): number => Math.hypot(to[0] - from[0], to[1] - from[1]);
