/** An estimate in words: how long, how much memory, and how good to expect. Pure. */

import { bytes, count, roughTime } from "../../design/numbers";

export interface Estimate {
  seconds: number;
  steps: number;
  prepare_seconds: number;
  step_seconds: number;
  memory_bytes: number;
  card_bytes: number;
  disk_bytes: number;
}

const NAMES = ["seconds", "steps", "prepare_seconds", "step_seconds", "memory_bytes", "card_bytes", "disk_bytes"] as const;

/** Reads what the job `estimate` answered; null where it is no estimate. */
export function estimateOf(result: Readonly<Record<string, unknown>> | null | undefined): Estimate | null {
  if (!result || typeof result["seconds"] !== "number" || typeof result["steps"] !== "number") return null;
  return Object.fromEntries(NAMES.map((name) => [name, typeof result[name] === "number" ? result[name] : 0])) as unknown as Estimate;
}

export interface Budgeted {
  minutes: number | null;
  steps: number | null;
}

/** The part of the recipe's full training that a budget holds, 0 to 1. */
export function shareOf(estimate: Estimate, budget: Budgeted): number {
  if (budget.steps !== null) return Math.min(1, budget.steps / Math.max(1, estimate.steps));
  if (budget.minutes !== null) return Math.min(1, (budget.minutes * 60) / Math.max(1e-9, estimate.seconds));
  return 1;
}

/** How long it really takes: the whole training, or what the budget leaves of it. */
export function lasting(estimate: Estimate, budget: Budgeted): number {
  if (budget.minutes !== null) return Math.min(estimate.seconds, budget.minutes * 60 + estimate.prepare_seconds);
  if (budget.steps !== null) return estimate.prepare_seconds + budget.steps * estimate.step_seconds;
  return estimate.seconds;
}

/** How good to expect, in a sentence or two, by how much of its training it gets and how much it hears. */
export function expectation(share: number, sounds: number, isOfRecordings: boolean): string {
  const training = [
    { below: 0.08, says: "A first taste: it shows that it works, and sounds rough." },
    { below: 0.3, says: "A sketch: the kind of sound is clear, noise and smear remain." },
    { below: 0.75, says: "Good use of a short time: most of what it can learn here, fine detail still comes." },
    { below: Infinity, says: "As good as this recipe becomes with these sounds." },
  ].find((level) => share < level.below)!.says;
  if (isOfRecordings) return training;
  if (sounds < 50) return `${training} With so few sounds, what it makes stays close to them.`;
  if (sounds < 300) return `${training} More sounds would help more than more time.`;
  return training;
}

/** The figures of an estimate, each with its name. */
export function figures(estimate: Estimate, budget: Budgeted): readonly (readonly [string, string])[] {
  const steps = budget.steps ?? Math.round(estimate.steps * shareOf(estimate, budget));
  return [
    ["Time", `about ${roughTime(lasting(estimate, budget))}`],
    ["Steps", `${count(steps)} of ${count(Math.max(steps, estimate.steps))}, ${estimate.step_seconds.toFixed(estimate.step_seconds < 0.1 ? 3 : 2)} s each`],
    ["Memory", bytes(estimate.memory_bytes)],
    ...(estimate.card_bytes > 0 ? [["Graphics memory", bytes(estimate.card_bytes)] as const] : []),
    ["Disk", bytes(estimate.disk_bytes)],
  ];
}
