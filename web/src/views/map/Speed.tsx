import { busy, times } from "./desk";
import { quantile } from "./timing";

/** How fast a click becomes a sound: the median of the last fifty. */
export function Speed() {
  const [median, late] = [quantile(times.value, 0.5), quantile(times.value, 0.95)];
  if (busy.value) return <span class="map-speed" role="status">Making a sound</span>;
  if (median === null || late === null) return null;
  const title = `From click to sound: median of ${times.value.length} is ${Math.round(median)} ms, 95 of 100 within ${Math.round(late)} ms`;
  return <span class="map-speed" title={title}>sounds in {Math.round(median)} ms</span>;
}
