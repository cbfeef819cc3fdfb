/** The one way that the page makes sound: voices through a volume and a limiter, with a level to watch. */

import { signal } from "@preact/signals";
import { getBytes } from "../api/client";
import { remember, remembered } from "../state/storage";
import { LeastRecentlyUsed } from "./lru";

const CACHE_BYTES = 192e6;
const FADE_IN_S = 0.002;
const FADE_OUT_S = 0.012;
const MOST_VOICES = 48;

interface Desk {
  context: AudioContext;
  volume: GainNode;
  meter: AnalyserNode;
}

let desk: Desk | null = null;
const cache = new LeastRecentlyUsed<AudioBuffer>(CACHE_BYTES);
const coming = new Map<string, Promise<AudioBuffer>>();
const voices = new Set<Voice>();

export const masterVolume = signal(clampVolume(Number(remembered("volume") ?? 0.8)));
/** The key of what plays now ("" for nothing), so that a row or card can show it. */
export const nowPlaying = signal("");
/** True once the browser lets the page sound; before, it waits for a gesture. */
export const audible = signal(false);

export interface PlayOptions {
  gain?: number | undefined;
  /** Seconds from now. */
  when?: number | undefined;
  rate?: number | undefined;
  loop?: boolean | undefined;
  /** Start within the sound, in seconds. */
  offset?: number | undefined;
  seconds?: number | undefined;
  /** Stop everything else first, as in auditioning. */
  solo?: boolean | undefined;
  /** What `nowPlaying` is set to; the URL where there is one. */
  key?: string | undefined;
  onEnd?: (() => void) | undefined;
}

/** A sound that plays. */
export interface Voice {
  readonly key: string;
  readonly seconds: number;
  /** Seconds into the sound, for a play head. */
  position(): number;
  setGain(gain: number): void;
  setRate(rate: number): void;
  stop(fadeSeconds?: number): void;
  readonly ended: Promise<void>;
}

/** The context, made at first use. Sounds wait in it until the first gesture. */
export function context(): AudioContext {
  return open().context;
}

/** Loads and decodes a sound, or takes it from memory. */
export function load(url: string): Promise<AudioBuffer> {
  const kept = cache.get(url);
  if (kept) return Promise.resolve(kept);
  const running = coming.get(url);
  if (running) return running;
  const loading = fetchSound(url).finally(() => coming.delete(url));
  coming.set(url, loading);
  return loading;
}

export async function decode(bytes: ArrayBuffer): Promise<AudioBuffer> {
  return context().decodeAudioData(bytes);
}

/** A buffer from samples, such as the server's float32 answers. */
export function bufferOf(channels: readonly Float32Array[], sampleRate: number): AudioBuffer {
  const buffer = context().createBuffer(channels.length, Math.max(1, channels[0]?.length ?? 1), sampleRate);
  channels.forEach((samples, at) => buffer.copyToChannel(samples as Float32Array<ArrayBuffer>, at));
  return buffer;
}

let lastAsked = 0;

/**
 * Plays a sound. A solo sound that is still loading when another solo is asked for stays silent, so that
 * moving fast over many points plays the last.
 */
export async function play(source: string | AudioBuffer, options: PlayOptions = {}): Promise<Voice | null> {
  const asked = options.solo ? ++lastAsked : lastAsked;
  const buffer = typeof source === "string" ? await load(source) : source;
  if (options.solo && asked !== lastAsked) return null;
  if (options.solo) silence();
  const key = options.key ?? (typeof source === "string" ? source : "");
  return start(buffer, { ...options, key });
}

/** Plays a decoded sound at once: for drums and keys, where a promise would be late. */
export function start(buffer: AudioBuffer, options: PlayOptions = {}): Voice {
  const { context: audio, volume } = open();
  if (audio.state === "suspended") void audio.resume();
  if (voices.size >= MOST_VOICES) voices.values().next().value?.stop();
  const { gain = 1, rate = 1, loop = false, offset = 0, key = "" } = options;
  const at = audio.currentTime + (options.when ?? 0);
  const source = new AudioBufferSourceNode(audio, { buffer, playbackRate: rate, loop });
  const fader = new GainNode(audio, { gain: 0 });
  source.connect(fader).connect(volume);
  fader.gain.setValueAtTime(0, at);
  fader.gain.linearRampToValueAtTime(gain, at + FADE_IN_S);
  const length = Math.min(buffer.duration - offset, options.seconds ?? Infinity);
  if (!loop) fadeAtEnd(fader.gain, gain, at, length / rate);
  source.start(at, offset);
  if (!loop && options.seconds !== undefined) source.stop(at + length / rate);
  const voice = voiceOf({ source, fader, key, at, offset, onEnd: options.onEnd });
  voices.add(voice);
  if (key) nowPlaying.value = key;
  return voice;
}

export function stopAll(): void {
  lastAsked++;
  silence();
}

export const anythingPlays = (): boolean => voices.size > 0;

export function setMasterVolume(value: number): void {
  masterVolume.value = clampVolume(value);
  remember("volume", String(masterVolume.value));
  if (desk) desk.volume.gain.setTargetAtTime(loudness(masterVolume.value), desk.context.currentTime, 0.01);
}

const scratch = new Float32Array(1024);

/** The output's peak just now, 0 to 1. */
export function level(): number {
  if (!desk || desk.context.state !== "running") return 0;
  desk.meter.getFloatTimeDomainData(scratch);
  let peak = 0;
  for (const sample of scratch) peak = Math.max(peak, Math.abs(sample));
  return peak;
}

/** Whether a voice is the one that `nowPlaying` names. */
export const isPlaying = (key: string): boolean => nowPlaying.value === key && key !== "";

/** Plays a sound, or stops it if it plays. */
export async function toggle(source: string | AudioBuffer, options: PlayOptions = {}): Promise<void> {
  const key = options.key ?? (typeof source === "string" ? source : "");
  if (isPlaying(key)) stopAll();
  else await play(source, { solo: true, ...options });
}

function open(): Desk {
  if (desk) return desk;
  const audio = new AudioContext({ latencyHint: "interactive" });
  const volume = new GainNode(audio, { gain: loudness(masterVolume.value) });
  const limiter = new DynamicsCompressorNode(audio, { threshold: -3, knee: 2, ratio: 20, attack: 0.002, release: 0.12 });
  const meter = new AnalyserNode(audio, { fftSize: scratch.length });
  volume.connect(limiter).connect(meter).connect(audio.destination);
  audio.onstatechange = () => { audible.value = audio.state === "running"; };
  audible.value = audio.state === "running";
  desk = { context: audio, volume, meter };
  return desk;
}

/** Browsers keep a page silent until it is touched: the first touch wakes the context. */
export function wakeOnGesture(): void {
  const wake = (): void => {
    void context().resume();
    for (const kind of ["pointerdown", "keydown"]) removeEventListener(kind, wake, true);
  };
  for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, wake, true);
}

async function fetchSound(url: string): Promise<AudioBuffer> {
  const bytes = url.startsWith("blob:") ? await localBytes(url) : await getBytes(url);
  const buffer = await decode(bytes);
  cache.set(url, buffer, buffer.length * buffer.numberOfChannels * 4);
  return buffer;
}

/** A blob's bytes without `fetch`, which the page's policy allows only for the server. */
function localBytes(url: string): Promise<ArrayBuffer> {
  return new Promise((resolve, reject) => {
    const blob = blobs.get(url);
    if (blob) blob.arrayBuffer().then(resolve, reject);
    else reject(new Error("This sound is no longer at hand. Make it again."));
  });
}

const blobs = new Map<string, Blob>();

/** An address for a sound that only this page has, such as a take from the microphone. */
export function localUrl(blob: Blob): string {
  const url = URL.createObjectURL(blob);
  blobs.set(url, blob);
  return url;
}

export function forgetUrl(url: string): void {
  blobs.delete(url);
  cache.delete(url);
  URL.revokeObjectURL(url);
}

function silence(): void {
  for (const voice of [...voices]) voice.stop();
  nowPlaying.value = "";
}

function fadeAtEnd(gain: AudioParam, value: number, at: number, length: number): void {
  const fade = Math.min(FADE_OUT_S, length / 4);
  if (length - fade <= FADE_IN_S) return;
  gain.setValueAtTime(value, at + length - fade);
  gain.linearRampToValueAtTime(0, at + length);
}

interface Parts {
  source: AudioBufferSourceNode;
  fader: GainNode;
  key: string;
  at: number;
  offset: number;
  onEnd: (() => void) | undefined;
}

function voiceOf({ source, fader, key, at, offset, onEnd }: Parts): Voice {
  const audio = source.context;
  const length = source.buffer?.duration ?? 0;
  let finish: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => { finish = resolve; });
  const voice: Voice = {
    key,
    seconds: length,
    ended,
    position: () => {
      const elapsed = offset + Math.max(0, audio.currentTime - at) * source.playbackRate.value;
      return source.loop ? elapsed % Math.max(length, 1e-6) : Math.min(length, elapsed);
    },
    setGain: (gain) => fader.gain.setTargetAtTime(gain, audio.currentTime, 0.01),
    setRate: (rate) => source.playbackRate.setTargetAtTime(rate, audio.currentTime, 0.01),
    stop: (fadeSeconds = FADE_OUT_S) => {
      voices.delete(voice);
      const now = audio.currentTime;
      if (fader.gain.cancelAndHoldAtTime) fader.gain.cancelAndHoldAtTime(now);
      else fader.gain.cancelScheduledValues(now);
      fader.gain.setTargetAtTime(0, now, fadeSeconds / 3);
      source.stop(Math.max(now, at) + fadeSeconds * 2);
    },
  };
  source.onended = () => {
    voices.delete(voice);
    fader.disconnect();
    if (nowPlaying.value === key && ![...voices].some((other) => other.key === key)) nowPlaying.value = "";
    onEnd?.();
    finish();
  };
  return voice;
}

/** A volume as ears have it: the square of the slider. */
const loudness = (volume: number): number => volume * volume;

function clampVolume(value: number): number {
  return Number.isFinite(value) ? Math.min(1, Math.max(0, value)) : 0.8;
}
