/** Sample data that looks like sounds; the same at each load. */

export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const LABELS = ["kick", "snare", "hat", "clap", "tom", "rim", "cymbal", "shaker", "voice", "bass"];

export interface SampleRow {
  id: string;
  name: string;
  label: string;
  seconds: number;
  hz: number;
  db: number;
}

export function rowsOf(from: number, count: number): SampleRow[] {
  return Array.from({ length: count }, (_, at) => {
    const next = random((from + at) * 7919 + 1);
    next();
    const label = LABELS[Math.floor(next() * LABELS.length)]!;
    return { id: `s${from + at}`, name: `${label} ${String(from + at + 1).padStart(6, "0")}.wav`, label, seconds: 0.05 + next() * 3, hz: 40 * 2 ** (next() * 6), db: -40 + next() * 38 };
  });
}

/** Clusters of a hundred thousand points, with their colours and names. */
export function cloud(count: number) {
  const next = random(7);
  const normal = (): number => Math.sqrt(-2 * Math.log(next() + 1e-9)) * Math.cos(2 * Math.PI * next());
  const clusters = LABELS.map((text) => ({ text, x: 0.12 + next() * 0.76, y: 0.12 + next() * 0.76, wide: 0.025 + next() * 0.05 }));
  const positions = new Float32Array(count * 2);
  const colours = new Uint8Array(count);
  const shapes = new Uint8Array(count);
  for (let index = 0; index < count; index++) {
    const which = Math.floor(next() ** 1.4 * clusters.length);
    const cluster = clusters[which]!;
    positions[index * 2] = Math.min(1, Math.max(0, cluster.x + normal() * cluster.wide));
    positions[index * 2 + 1] = Math.min(1, Math.max(0, cluster.y + normal() * cluster.wide * 0.8));
    colours[index] = which;
    shapes[index] = which % 7;
  }
  return { positions, colours, shapes, signs: clusters.map(({ text, x, y }, at) => ({ text, x, y, count: clusters.length - at })) };
}

export function decay(seed: number, count = 4000): Float32Array {
  const next = random(seed);
  const speed = 2 + next() * 8;
  return Float32Array.from({ length: count }, (_, at) => (next() * 2 - 1) * Math.exp((-speed * at) / count) * Math.min(1, at / 40));
}
