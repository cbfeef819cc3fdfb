/** Previews by the sound that they are of: the original first, then as it came back after more and more steps. Pure. */

import type { Preview } from "../../api/types";

export interface Heard {
  number: number;
  original: Preview | null;
  steps: readonly Preview[];
}

export function bySound(previews: readonly Preview[]): Heard[] {
  const numbers = [...new Set(previews.map((one) => one.number))].sort((one, other) => one - other);
  return numbers.map((number) => {
    const own = previews.filter((one) => one.number === number);
    return {
      number,
      original: own.find((one) => one.step === null) ?? null,
      steps: own.filter((one) => one.step !== null).toSorted((one, other) => (one.step ?? 0) - (other.step ?? 0)),
    };
  });
}

/** How much of an outline is heard, 0 to 1: previews end in silence, which would hide their beginning. */
export function audibleShare(peaks: readonly number[]): number {
  const loudest = peaks.reduce((most, one) => Math.max(most, one), 0);
  const last = peaks.findLastIndex((one) => one > loudest * 0.01);
  return last < 0 ? 1 : Math.min(1, (last + 1) / peaks.length + 0.03);
}

/** In the order in which they are heard in turn: the original, then from the first step to the last. */
export const inTurn = (heard: Heard): Preview[] => [...(heard.original ? [heard.original] : []), ...heard.steps];
