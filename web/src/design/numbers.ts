/** Numbers, times and sizes as people read them. Pure. */

export const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

/** The nearest step, counted from `low` (from 0 where there is none), without the dust of binary fractions. */
export function snap(value: number, low: number, high: number, stepSize: number): number {
  if (stepSize <= 0) return clamp(value, low, high);
  const origin = Number.isFinite(low) ? low : 0;
  const stepped = origin + Math.round((value - origin) / stepSize) * stepSize;
  return clamp(Number(stepped.toFixed(decimals(stepSize, origin))), low, high);
}

/** How many decimals a step needs. */
export function decimals(...steps: readonly number[]): number {
  return Math.max(...steps.map((one) => (String(one).split("e-")[1] ? Number(String(one).split("e-")[1]) : (String(one).split(".")[1]?.length ?? 0))));
}

/** "0:07", "3:05", "1:02:09"; below ten seconds with hundredths where `fine`. */
export function clock(seconds: number, fine = false): string {
  if (!Number.isFinite(seconds)) return "–";
  if (fine && seconds < 10) return `${seconds.toFixed(2)} s`;
  const whole = Math.round(seconds);
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const tail = String(s).padStart(2, "0");
  return h ? `${h}:${String(m).padStart(2, "0")}:${tail}` : `${m}:${tail}`;
}

/** "3 s", "2 min", "1 h 10 min": a time that is yet to pass, so not finer than it is known. */
export function roughTime(seconds: number): string {
  if (!Number.isFinite(seconds)) return "–";
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return minutes % 60 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : `${minutes / 60} h`;
}

/** "1,204". */
export const count = (value: number): string => Math.round(value).toLocaleString("en-US");

/** "1 sound", "1,204 sounds". */
export const several = (value: number, one: string, many = `${one}s`): string => `${count(value)} ${value === 1 ? one : many}`;

/** "512 B", "3.4 MB". */
export function bytes(size: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const place = size < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(size) / 3));
  const shown = size / 1000 ** place;
  return `${place && shown < 10 ? shown.toFixed(1) : Math.round(shown)} ${units[place]}`;
}

/** "440 Hz", "3.52 kHz". */
export const hertz = (value: number): string => (value < 1000 ? `${Math.round(value)} Hz` : `${(value / 1000).toFixed(2)} kHz`);

const NOTES = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"];

/** "A4" of 440; the nearest of twelve equal steps. */
export function noteName(hz: number): string {
  const midi = Math.round(69 + 12 * Math.log2(hz / 440));
  return `${NOTES[((midi % 12) + 12) % 12]}${Math.floor(midi / 12) - 1}`;
}
