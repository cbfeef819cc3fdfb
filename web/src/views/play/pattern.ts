/** A kit of pads and a pattern of sixteen steps. Pure. */

export const PADS = 16;
export const STEPS = 16;

export interface Pad {
  readonly sound: string;
  readonly name: string;
}

export interface Pattern {
  readonly pads: readonly (Pad | null)[];
  /** Velocity 0 to 1 of each pad at each step; 0 is silent. */
  readonly steps: readonly (readonly number[])[];
  readonly tracks: number;
  readonly tempo: number;
  /** 0.5 is straight, 0.67 a triplet's. */
  readonly swing: number;
}

export const emptyPattern = (): Pattern => ({
  pads: Array.from({ length: PADS }, () => null),
  steps: Array.from({ length: PADS }, () => Array.from({ length: STEPS }, () => 0)),
  tracks: 8,
  tempo: 110,
  swing: 0.5,
});

export function withStep(pattern: Pattern, track: number, at: number, velocity: number): Pattern {
  const steps = pattern.steps.map((row, place) => (place === track ? row.map((one, step) => (step === at ? velocity : one)) : row));
  return { ...pattern, steps };
}

export const withPad = (pattern: Pattern, place: number, pad: Pad | null): Pattern => ({
  ...pattern,
  pads: pattern.pads.map((one, at) => (at === place ? pad : one)),
});

export const cleared = (pattern: Pattern): Pattern => ({ ...pattern, steps: emptyPattern().steps });
export const hasSteps = (pattern: Pattern): boolean => pattern.steps.some((row) => row.some(Boolean));

/** The seconds of one straight step, a sixteenth. */
export const stepSeconds = (tempo: number): number => 60 / tempo / 4;

/** When a step sounds, counted from the beginning; every second one waits for the swing. */
export function stepTime(number: number, tempo: number, swing: number): number {
  const pair = stepSeconds(tempo) * 2;
  return Math.floor(number / 2) * pair + (number % 2 ? pair * swing : 0);
}

export interface Hit {
  track: number;
  velocity: number;
}

/** What sounds at a step, of the tracks in use that have a sound. */
export function hits(pattern: Pattern, step: number): Hit[] {
  const found: Hit[] = [];
  for (let track = 0; track < pattern.tracks; track++) {
    const velocity = pattern.steps[track]?.[step % STEPS] ?? 0;
    if (velocity > 0 && pattern.pads[track]) found.push({ track, velocity });
  }
  return found;
}

export interface Planned extends Hit {
  at: number;
}

/** All that sounds in some bars, with its time. */
export function planned(pattern: Pattern, bars: number): Planned[] {
  const all: Planned[] = [];
  for (let number = 0; number < bars * STEPS; number++)
    for (const hit of hits(pattern, number)) all.push({ ...hit, at: stepTime(number, pattern.tempo, pattern.swing) });
  return all;
}

/** A plain beat for the first tracks, so that there is something to begin with. */
export function basicBeat(pattern: Pattern): Pattern {
  const rows = ["x.......x.......", "....x.......x...", "x.x.x.x.x.x.x.x.", "......x......x.."];
  const strength = (track: number, at: number): number => (track === 2 && at % 4 ? 0.5 : 0.85);
  const steps = pattern.steps.map((row, track) => (rows[track] ? row.map((_, at) => (rows[track]?.[at] === "x" ? strength(track, at) : 0)) : row));
  return { ...pattern, steps };
}

/** What a browser kept; anything odd in it is as if it were not there. */
export function readPattern(text: string | null): Pattern {
  const fresh = emptyPattern();
  let kept: Partial<Pattern> | null = null;
  try {
    kept = JSON.parse(text ?? "null") as Partial<Pattern> | null;
  } catch {
    return fresh;
  }
  if (!kept || typeof kept !== "object") return fresh;
  return {
    pads: fresh.pads.map((_, at) => padOf(kept.pads?.[at])),
    steps: fresh.steps.map((row, track) => row.map((_, at) => within(kept.steps?.[track]?.[at], 0, 1, 0))),
    tracks: Math.round(within(kept.tracks, 4, PADS, fresh.tracks)),
    tempo: within(kept.tempo, 40, 240, fresh.tempo),
    swing: within(kept.swing, 0.5, 0.75, fresh.swing),
  };
}

function padOf(kept: Partial<Pad> | null | undefined): Pad | null {
  const isPad = typeof kept?.sound === "string" && typeof kept.name === "string" && /^(made|library):[0-9a-z-]+$/.test(kept.sound);
  return isPad ? { sound: kept.sound as string, name: kept.name as string } : null;
}

function within(value: unknown, low: number, high: number, otherwise: number): number {
  return typeof value === "number" && value >= low && value <= high ? value : otherwise;
}
