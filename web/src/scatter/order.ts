/** An order in which any first part of the points is a fair sample of all. Pure, and the same each time. */
export function mixedOrder(count: number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, at) => at);
  let state = 1;
  for (let at = count - 1; at > 0; at--) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const other = Math.floor((state / 2 ** 32) * (at + 1));
    [order[at], order[other]] = [order[other]!, order[at]!];
  }
  return order;
}

const FEWEST = 4000;
const SLOW_MS = 30;
const FAST_MS = 19;

/** How many points to draw while the picture moves, after what the last frame took. */
export function budgetAfter(budget: number, frameMs: number, count: number): number {
  if (frameMs > SLOW_MS) return Math.min(count, Math.max(FEWEST, Math.round(budget * Math.max(0.3, SLOW_MS / frameMs))));
  return frameMs < FAST_MS ? Math.min(count, Math.round(budget * 1.3)) : budget;
}
