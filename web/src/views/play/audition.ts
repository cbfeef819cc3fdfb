/** Hearing one sound after another without stopping what else plays, such as the steps. */

import { useEffect, useState } from "preact/hooks";
import { load, nowPlaying, start, type Voice } from "../../audio/engine";

let voice: Voice | null = null;
let asked = 0;

export const urlOf = (sound: string): string => `/api/sounds/${sound}`;

/** Plays a sound in place of the one heard before. */
export function audition(buffer: AudioBuffer, key: string): void {
  asked++;
  voice?.stop();
  voice = start(buffer, { key });
}

/** Loads a sound and plays it, unless another was asked for meanwhile. */
export async function auditionUrl(url: string): Promise<void> {
  const mine = ++asked;
  const buffer = await load(url);
  if (mine === asked) audition(buffer, url);
}

export function hush(): void {
  asked++;
  voice?.stop();
  voice = null;
}

/** Plays it, or stops it if it plays. */
export async function toggleUrl(url: string): Promise<void> {
  if (nowPlaying.value === url) hush();
  else await auditionUrl(url);
}

/** How much of a sound has been heard, 0 to 1; 0 while it is silent. */
export function useHeard(key: string): number {
  const [heard, setHeard] = useState(0);
  const plays = nowPlaying.value === key && key !== "";
  useEffect(() => {
    if (!plays) return setHeard(0);
    let frame = 0;
    const follow = (): void => {
      frame = requestAnimationFrame(follow);
      if (voice?.key === key) setHeard(voice.position() / Math.max(voice.seconds, 1e-6));
    };
    follow();
    return () => cancelAnimationFrame(frame);
  }, [plays, key]);
  return plays ? heard : 0;
}
