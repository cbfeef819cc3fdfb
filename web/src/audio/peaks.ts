/** What a small waveform shows: the largest absolute value of each stretch. Pure. */
export function peaksOf(samples: ArrayLike<number>, columns: number): Float32Array {
  const peaks = new Float32Array(columns);
  const width = samples.length / columns;
  for (let column = 0; column < columns; column++) {
    const end = Math.max(Math.floor(column * width) + 1, Math.floor((column + 1) * width));
    let peak = 0;
    for (let at = Math.floor(column * width); at < end; at++) peak = Math.max(peak, Math.abs(samples[at] ?? 0));
    peaks[column] = peak;
  }
  return peaks;
}
