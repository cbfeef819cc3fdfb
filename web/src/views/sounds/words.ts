/** Sounds' facts as people read them. Pure. */

/** "0.42 s", "12.3 s", "3:05". */
export function length(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(2)} s`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** "44.1 kHz". */
export const rate = (hz: number): string => `${Number((hz / 1000).toFixed(2))} kHz`;

/** "−12.3"; a dash where nothing is known. */
export const level = (db: number | null | undefined): string => (db === null || db === undefined ? "–" : db.toFixed(1).replace("-", "−"));

/** A label as the page shows it; sounds without one have a name too. */
export const labelName = (label: string): string => label || "no label";

/** How far apart two sounds are, in units of hearing, in words. */
export function distanceWords(distance: number): string {
  if (distance < 0.5) return "very near";
  if (distance < 1) return "near";
  return distance < 2 ? "another sound" : "far";
}
