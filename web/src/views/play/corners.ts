/** The pad between four sounds: where a point lies, and how much of each corner it holds. Pure. */

export interface Place {
  readonly x: number;
  /** 0 is the upper edge. */
  readonly y: number;
}

/** Steps along a side: near ones sound alike, and a place that was heard is heard again at once. */
export const GRID = 16;

export const MIDDLE: Place = { x: 0.5, y: 0.5 };

export function snapped({ x, y }: Place, grid = GRID): Place {
  const one = (value: number): number => Math.round(Math.min(1, Math.max(0, value)) * grid) / grid;
  return { x: one(x), y: one(y) };
}

/** How much of the corners, row by row: upper left, upper right, lower left, lower right. Their sum is 1. */
export const weightsOf = ({ x, y }: Place): readonly [number, number, number, number] => [
  (1 - x) * (1 - y),
  x * (1 - y),
  (1 - x) * y,
  x * y,
];

const MOVES: Record<string, readonly [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Where a key leads: arrows by a step, with shift by four, Home to the middle; null for other keys. */
export function stepped(place: Place, key: string, isFast: boolean, grid = GRID): Place | null {
  if (key === "Home") return MIDDLE;
  const move = MOVES[key];
  if (!move) return null;
  const by = (isFast ? 4 : 1) / grid;
  return snapped({ x: place.x + move[0] * by, y: place.y + move[1] * by }, grid);
}

export const cellKey = (sounds: readonly string[], { x, y }: Place): string => `${sounds.join(" ")} ${x} ${y}`;

/** "40 % of A, 60 % of B": what a place holds, the most first. */
export function saysOf(names: readonly string[], place: Place): string {
  const parts = weightsOf(place).map((weight, at) => ({ percent: Math.round(weight * 100), name: names[at] ?? "" }));
  const heard = parts.filter((part) => part.percent > 0).sort((one, other) => other.percent - one.percent);
  return heard.map((part) => `${part.percent} % of ${part.name}`).join(", ");
}
