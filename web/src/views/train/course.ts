/** The course of a training, from the columns of its history to curves. Pure. */

export type Columns = Readonly<Record<string, readonly (number | string | null)[]>>;

export interface Curve {
  name: string;
  values: readonly (number | null)[];
}

/** A pair of curves of one measure: as it learned, and when it was judged on what it never saw. */
export interface Measure {
  id: string;
  name: string;
  curves: readonly Curve[];
}

const BESIDE = new Set(["step", "seconds", "epoch", "event", "learning_rate", "steps_per_s"]);

export const numbersOf = (column: readonly (number | string | null)[] | undefined): (number | null)[] =>
  (column ?? []).map((value) => (typeof value === "number" && Number.isFinite(value) ? value : null));

const isFilled = (values: readonly (number | null)[]): boolean => values.some((value) => value !== null);

/** All measures that have values; the overall loss first. */
export function measures(columns: Columns, isOfRecordings = false): Measure[] {
  const names = Object.keys(columns).filter((name) => !BESIDE.has(name) && isFilled(numbersOf(columns[name])));
  const ids = [...new Set(names.map((name) => name.replace(/^(train|validation)_/, "")))];
  const sorted = ids.toSorted((one, other) => Number(other === "loss") - Number(one === "loss"));
  return sorted.map((id) => ({ id, name: id === "loss" ? "Loss, all in all" : `Loss: ${id.replaceAll("_", " ")}`, curves: curvesOf(columns, id, isOfRecordings) }));
}

function curvesOf(columns: Columns, id: string, isOfRecordings: boolean): Curve[] {
  const [judged, learned] = isOfRecordings ? ["When it was judged", "While it learned"] : ["On what it never saw", "On what it learns from"];
  const pairs = [["validation_", judged], ["train_", learned], ["", "Measured"]] as const;
  return pairs
    .map(([prefix, name]) => ({ name, values: numbersOf(columns[`${prefix}${id}`]) }))
    .filter((curve) => isFilled(curve.values));
}

export const stepsOf = (columns: Columns): number[] => numbersOf(columns["step"]).map((step) => step ?? 0);

/** Whether curves are read better with decades evenly apart. */
export function spansDecades(curves: readonly Curve[]): boolean {
  const values = curves.flatMap((curve) => curve.values).filter((value) => value !== null);
  if (!values.length) return false;
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return low > 0 && high / low > 8;
}

/** What a curve says, for who cannot see it: where it began, where it is, its best. */
export function told(curve: Curve | undefined): string {
  const values = curve?.values.filter((value) => value !== null) ?? [];
  const [first, last] = [values[0], values.at(-1)];
  if (!curve || first === undefined || last === undefined) return "No value yet.";
  if (values.length === 1) return `${curve.name}: ${first.toPrecision(3)}.`;
  return `${curve.name}: from ${first.toPrecision(3)} to ${last.toPrecision(3)}, ${Math.min(...values).toPrecision(3)} at its best.`;
}

/** What happened on the way: the rows whose event says something. */
export function events(columns: Columns): { step: number; text: string }[] {
  const steps = stepsOf(columns);
  return (columns["event"] ?? []).flatMap((text, row) => (typeof text === "string" && text ? [{ step: steps[row] ?? 0, text }] : []));
}

export interface Run {
  name: string;
  columns: Columns;
}

/** The curves of several runs over one axis: all steps in order, and each run's value there or a gap that is drawn over. */
export function together(runs: readonly Run[], id: string): { x: number[]; curves: Curve[] } {
  const own = runs.map(({ name, columns }) => ({ name, steps: stepsOf(columns), values: best(columns, id) }));
  const x = [...new Set(own.flatMap((run) => run.steps.filter((_, row) => run.values[row] !== null && run.values[row] !== undefined)))].sort((one, other) => one - other);
  const curves = own.map((run) => {
    const known = new Map(run.steps.map((step, row) => [step, run.values[row] ?? null]));
    return { name: run.name, values: filled(x, known) };
  });
  return { x, curves };
}

const best = (columns: Columns, id: string): (number | null)[] => {
  const judged = numbersOf(columns[`validation_${id}`]);
  return isFilled(judged) ? judged : numbersOf(columns[`train_${id}`] ?? columns[id]);
};

/** Values between two known steps lie on the line between them. */
function filled(x: readonly number[], known: ReadonlyMap<number, number | null>): (number | null)[] {
  const points = [...known].filter((pair): pair is [number, number] => pair[1] !== null).sort((one, other) => one[0] - other[0]);
  return x.map((step) => {
    const after = points.findIndex(([at]) => at >= step);
    const [to, from] = [points[after], points[after - 1]];
    if (!to) return null;
    if (to[0] === step) return to[1];
    if (!from) return null;
    return from[1] + ((to[1] - from[1]) * (step - from[0])) / (to[0] - from[0]);
  });
}

/** A verdict as it is read here: what it advises is a button on this page, and a report in Judge. */
export function onThePage(verdict: string): string {
  return verdict
    .replace("Go on with --resume and a larger budget.", "Let it go on for longer.")
    .replace(/How it sounds, `timbrel evaluate` tells\./, "How good it sounds, a report tells: make one in Judge.")
    .replace(/\b1 sounds are few/, "One sound is little");
}
