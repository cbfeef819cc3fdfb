/** How loud a sound is, as ITU-R BS.1770-4 measures it, and gains that make sounds alike. Pure. */

const SHELF = { hz: 1681.974450955533, gainDb: 3.999843853973347, q: 0.7071752369554196 };
const HIGH_PASS = { hz: 38.13547087602444, q: 0.5003270373238773 };
const BLOCK_S = 0.4;
const HOPS_A_BLOCK = 4;
const SILENT_LUFS = -70;
const RELATIVE_LU = 10;

interface Biquad {
  b: readonly [number, number, number];
  a: readonly [number, number];
}

/** The filter that lifts what a head lifts (stage 1 of the recommendation), at any sample rate. */
function shelf(sampleRate: number): Biquad {
  const k = Math.tan((Math.PI * SHELF.hz) / sampleRate);
  const high = 10 ** (SHELF.gainDb / 20);
  const middle = high ** 0.4996667741545416;
  const a0 = 1 + k / SHELF.q + k * k;
  return {
    b: [(high + (middle * k) / SHELF.q + k * k) / a0, (2 * (k * k - high)) / a0, (high - (middle * k) / SHELF.q + k * k) / a0],
    a: [(2 * (k * k - 1)) / a0, (1 - k / SHELF.q + k * k) / a0],
  };
}

/** The filter that leaves out what is too low to be loud (stage 2). */
function highPass(sampleRate: number): Biquad {
  const k = Math.tan((Math.PI * HIGH_PASS.hz) / sampleRate);
  const a0 = 1 + k / HIGH_PASS.q + k * k;
  return { b: [1, -2, 1], a: [(2 * (k * k - 1)) / a0, (1 - k / HIGH_PASS.q + k * k) / a0] };
}

function filtered(samples: ArrayLike<number>, { b, a }: Biquad): Float64Array {
  const out = new Float64Array(samples.length);
  let [x1, x2, y1, y2] = [0, 0, 0, 0];
  for (let at = 0; at < out.length; at++) {
    const x = samples[at] ?? 0;
    const y = b[0] * x + b[1] * x1 + b[2] * x2 - a[0] * y1 - a[1] * y2;
    [x2, x1, y2, y1] = [x1, x, y1, y];
    out[at] = y;
  }
  return out;
}

const lufs = (power: number): number => -0.691 + 10 * Math.log10(power);

/** Integrated loudness in LUFS; sounds shorter than a block of 0.4 s are measured whole; -Infinity for silence. */
export function loudnessOf(channels: readonly ArrayLike<number>[], sampleRate: number): number {
  const weighted = channels.map((samples) => filtered(filtered(samples, shelf(sampleRate)), highPass(sampleRate)));
  const powers = blockPowers(weighted, sampleRate);
  const loud = powers.filter((power) => lufs(power) > SILENT_LUFS);
  const gate = lufs(mean(loud)) - RELATIVE_LU;
  const power = mean(loud.filter((one) => lufs(one) > gate));
  return power > 0 ? lufs(power) : -Infinity;
}

function blockPowers(channels: readonly Float64Array[], sampleRate: number): number[] {
  const total = channels[0]?.length ?? 0;
  const block = Math.min(total, Math.round(BLOCK_S * sampleRate));
  const hop = Math.max(1, Math.floor(block / HOPS_A_BLOCK));
  const powers: number[] = [];
  for (let from = 0; block > 0 && from + block <= total; from += hop) {
    let sum = 0;
    for (const samples of channels) for (let at = from; at < from + block; at++) sum += (samples[at] ?? 0) ** 2;
    powers.push(sum / block);
  }
  return powers;
}

const mean = (values: readonly number[]): number => (values.length ? values.reduce((sum, one) => sum + one, 0) / values.length : 0);

const MOST_DOWN_DB = 24;

/** Gains that bring all sounds down to the quietest, so that none clips; at most 24 dB, and silence is left alone. */
export function matchedGains(loudnesses: readonly number[]): number[] {
  const quietest = Math.min(...loudnesses.filter(Number.isFinite));
  return loudnesses.map((one) => (Number.isFinite(one) ? 10 ** (Math.max(-MOST_DOWN_DB, quietest - one) / 20) : 1));
}
