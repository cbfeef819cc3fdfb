/** A deck: plays one of several sounds that run side by side, and switches between them while playing, without a gap. */

import { signal } from "@preact/signals";
import { bufferOf, load, start, stopAll, type Voice } from "../../audio/engine";
import { toastError } from "../../state/toasts";

/** Over so long one sound goes and the next one comes. */
const CROSSING_S = 0.004;

export interface Span {
  readonly from: number;
  readonly to: number;
}

export class Deck {
  readonly playing = signal(false);
  /** The address of what is heard, or would be. */
  readonly heard = signal("");
  readonly loop = signal<Span | null>(null);
  #gains: Readonly<Record<string, number>> = {};
  #voice: Voice | null = null;
  /** Where in the sound the voice's buffer begins. */
  #base = 0;
  #at = 0;
  #asked = 0;
  #slices = new Map<string, AudioBuffer>();

  /** Seconds into the sound. */
  position(): number {
    return this.#voice ? this.#base + this.#voice.position() : this.#at;
  }

  /** Plays a sound, from a moment or from where the deck stands. What plays is crossed over. */
  async play(url: string, from?: number): Promise<void> {
    const asked = ++this.#asked;
    this.heard.value = url;
    const buffer = await load(url).catch(toastError);
    if (!buffer || asked !== this.#asked) return;
    if (!this.#voice) stopAll();
    this.#start(url, buffer, from ?? this.position());
  }

  /** Hears another of the sounds: at once while playing, else at the next play. */
  choose(url: string): void {
    if (this.playing.value) void this.play(url);
    else this.heard.value = url;
  }

  toggle(): void {
    if (this.playing.value) this.pause();
    else if (this.heard.value) void this.play(this.heard.value);
  }

  pause(): void {
    this.#asked++;
    this.#at = this.position();
    this.#drop(0.012);
    this.playing.value = false;
  }

  seek(seconds: number): void {
    if (this.playing.value) void this.play(this.heard.value, seconds);
    else this.#at = Math.max(0, seconds);
  }

  /** Repeats a stretch; null plays on. */
  setLoop(span: Span | null): void {
    this.loop.value = span;
    if (!this.playing.value) {
      if (span) this.#at = span.from;
      return;
    }
    const now = this.position();
    void this.play(this.heard.value, span && (now < span.from || now > span.to) ? span.from : now);
  }

  /** How loud each sound is played, by its address. */
  setGains(gains: Readonly<Record<string, number>>): void {
    this.#gains = gains;
    const own = gains[this.heard.value];
    if (own !== undefined) this.#voice?.setGain(own);
  }

  #start(url: string, buffer: AudioBuffer, from: number): void {
    const span = this.loop.value;
    const loop = span && span.from < buffer.duration ? { from: span.from, to: Math.min(span.to, buffer.duration) } : null;
    const source = loop ? this.#slice(url, buffer, loop) : buffer;
    const base = loop?.from ?? 0;
    const inside = from - base;
    const offset = inside >= 0 && inside < source.duration - 0.005 ? inside : 0;
    const before = this.#voice;
    const voice = start(source, { key: `deck:${url}`, loop: loop !== null, offset, gain: this.#gains[url] ?? 1, onEnd: () => this.#ended(voice) });
    [this.#voice, this.#base] = [voice, base];
    before?.stop(CROSSING_S);
    this.playing.value = true;
  }

  #ended(voice: Voice): void {
    if (this.#voice !== voice) return;
    const last = this.#base + voice.position();
    this.#at = last >= this.#base + voice.seconds - 0.02 ? this.#base : last;
    this.#voice = null;
    this.playing.value = false;
  }

  #drop(fadeSeconds: number): void {
    const voice = this.#voice;
    this.#voice = null;
    voice?.stop(fadeSeconds);
  }

  #slice(url: string, buffer: AudioBuffer, span: Span): AudioBuffer {
    const key = `${url} ${span.from} ${span.to}`;
    const kept = this.#slices.get(key);
    if (kept) return kept;
    const [first, end] = [span.from, span.to].map((s) => Math.round(s * buffer.sampleRate)) as [number, number];
    const channels = Array.from({ length: buffer.numberOfChannels }, (_, at) => buffer.getChannelData(at).slice(first, Math.max(first + 1, end)));
    const made = bufferOf(channels, buffer.sampleRate);
    if (this.#slices.size > 12) this.#slices.clear();
    this.#slices.set(key, made);
    return made;
  }
}
