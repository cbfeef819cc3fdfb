/** Auditions a sound: short ones from memory, long ones as they stream in, so that an hour-long file costs no memory. */

import { effect } from "@preact/signals";
import { at } from "../../api/client";
import { masterVolume, nowPlaying, play, stopAll, type Voice } from "../../audio/engine";
import { toastError } from "../../state/toasts";
import { soundUrl } from "./refs";

export const LONG_S = 90;

export interface Part {
  startS?: number | undefined;
  seconds?: number | undefined;
}

/** What `nowPlaying` says while a sound, or a piece of it, is heard. Pure. */
export const keyOf = (sound: string, part: Part = {}): string => (part.startS ? `${soundUrl(sound)}#${part.startS}` : soundUrl(sound));

let streamed: HTMLAudioElement | null = null;

/** Plays a sound and nothing else. Gives the voice where it plays from memory. */
export async function hear(sound: string, durationS: number | null, part: Part = {}): Promise<Voice | null> {
  const key = keyOf(sound, part);
  try {
    if ((durationS ?? 0) > LONG_S) {
      await stream(sound, key, part);
      return null;
    }
    streamed?.pause();
    return await play(soundUrl(sound), { solo: true, key, offset: part.startS, seconds: part.seconds });
  } catch (thrown) {
    toastError(thrown);
    return null;
  }
}

/** Plays a sound, or stops it if it plays. */
export async function hearOrStop(sound: string, durationS: number | null, part: Part = {}): Promise<void> {
  if (nowPlaying.value === keyOf(sound, part)) stopAll();
  else await hear(sound, durationS, part);
}

async function stream(sound: string, key: string, { startS = 0, seconds }: Part): Promise<void> {
  stopAll();
  const element = (streamed ??= newElement());
  const address = at(soundUrl(sound));
  if (element.src !== address) element.src = address;
  element.dataset["key"] = key;
  element.dataset["end"] = seconds === undefined ? "" : String(startS + seconds);
  element.currentTime = startS;
  nowPlaying.value = key;
  await element.play().catch((thrown: unknown) => {
    if (!(thrown instanceof DOMException && thrown.name === "AbortError")) throw thrown;
  });
}

/** It falls silent as soon as anything else is what plays now. */
function newElement(): HTMLAudioElement {
  const element = new Audio();
  element.preload = "auto";
  const quiet = (): void => { if (nowPlaying.value === element.dataset["key"]) nowPlaying.value = ""; };
  element.addEventListener("ended", quiet);
  element.addEventListener("timeupdate", () => {
    const end = Number(element.dataset["end"] || Infinity);
    if (element.currentTime >= end) quiet();
  });
  effect(() => { element.volume = masterVolume.value ** 2; });
  effect(() => { if (nowPlaying.value !== element.dataset["key"]) element.pause(); });
  return element;
}
