/** Sounds by their names, "library:ID" and the like: addresses, file names, outlines. */

import { useEffect, useState } from "preact/hooks";
import { get } from "../../api/client";
import type { Peaks } from "../../api/types";

/** Where a sound's bytes are; what no browser plays comes as WAV. */
export const soundUrl = (sound: string): string => `/api/sounds/${sound}`;
export const downloadUrl = (sound: string): string => `/api/sounds/${sound}?download=true`;

const AS_THEY_ARE = /\.(wav|flac|mp3|ogg)$/i;

/** What a sound's file is called outside: the server gives WAV for kinds that browsers do not play. Pure. */
export const outsideName = (name: string): string => (AS_THEY_ARE.test(name) ? name : `${name.replace(/\.[A-Za-z0-9]{2,4}$/, "")}.wav`);

/** The kind of file as a drag tells it. Pure. */
export function mediaType(name: string): string {
  const ending = /\.(\w+)$/.exec(name)?.[1]?.toLowerCase();
  return { flac: "audio/flac", mp3: "audio/mpeg", ogg: "audio/ogg" }[ending ?? ""] ?? "audio/wav";
}

const MOST_KEPT = 400;
const kept = new Map<string, Peaks>();

/** A sound's outline, asked for once. */
export async function outline(sound: string, count: number, signal?: AbortSignal): Promise<Peaks> {
  const key = `${sound} ${count}`;
  const known = kept.get(key);
  if (known) return known;
  const peaks = await get<Peaks>(`/api/sounds/${sound}/peaks`, { query: { count }, signal });
  kept.set(key, peaks);
  const oldest = kept.keys().next().value;
  if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
  return peaks;
}

/** The outline of a sound that is looked at; null until it has come. A sound that is passed over quickly is not asked for. */
export function useOutline(sound: string | null, count = 200, waitMs = 60): Peaks | null {
  const [peaks, setPeaks] = useState<{ of: string; peaks: Peaks } | null>(null);
  useEffect(() => {
    if (!sound) return undefined;
    const aborter = new AbortController();
    const timer = setTimeout(() => {
      outline(sound, count, aborter.signal).then((found) => setPeaks({ of: sound, peaks: found }), () => undefined);
    }, kept.has(`${sound} ${count}`) ? 0 : waitMs);
    return () => {
      clearTimeout(timer);
      aborter.abort();
    };
  }, [sound, count]);
  return peaks && peaks.of === sound ? peaks.peaks : null;
}

/** The part of an outline that a piece of a file has. Pure. */
export function pieceOf(peaks: Peaks, startS: number, seconds: number): number[] {
  const { duration_s: whole, peaks: all } = peaks;
  if (startS <= 0 && seconds >= whole) return all;
  const [from, to] = [startS, startS + seconds].map((at) => Math.round((at / Math.max(whole, 1e-6)) * all.length));
  return all.slice(from, Math.max((from ?? 0) + 1, to ?? all.length));
}
