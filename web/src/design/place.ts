/** Where a floating box goes beside what it belongs to. */

export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

const GAP = 6;

/** The corner for a box of a size, wholly within the window if it can be. Pure. */
export function corner(anchor: Box, size: { width: number; height: number }, inside: { width: number; height: number }, side: "below" | "above"): { left: number; top: number } {
  const below = anchor.top + anchor.height + GAP;
  const above = anchor.top - size.height - GAP;
  const fitsBelow = below + size.height <= inside.height - GAP;
  const top = side === "below" ? (fitsBelow || above < GAP ? below : above) : above >= GAP ? above : below;
  const middle = side === "above" ? anchor.left + anchor.width / 2 - size.width / 2 : anchor.left;
  return { left: Math.max(GAP, Math.min(middle, inside.width - size.width - GAP)), top: Math.max(GAP, top) };
}

export function place(box: HTMLElement, anchor: Element, side: "below" | "above"): void {
  const { width, height } = box.getBoundingClientRect();
  const { left, top } = corner(anchor.getBoundingClientRect(), { width, height }, { width: innerWidth, height: innerHeight }, side);
  box.style.left = `${left}px`;
  box.style.top = `${top}px`;
}
