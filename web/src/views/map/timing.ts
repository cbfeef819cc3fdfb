/** How long it takes from a click to the sound. Pure. */

export const KEPT = 50;

/** The last `KEPT` times, the newest at the end. */
export const withTime = (times: readonly number[], ms: number): readonly number[] => [...times, ms].slice(-KEPT);

/** A quantile of some times, 0 to 1; null of none. */
export function quantile(times: readonly number[], share: number): number | null {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? null;
}
