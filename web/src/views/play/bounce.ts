/** A pattern as one sound, made faster than it plays. */

import { load } from "../../audio/engine";
import { urlOf } from "./audition";
import { PADS, planned, stepSeconds, STEPS, type Pattern } from "./pattern";

const RATE_HZ = 48_000;
const CEILING = 0.98;

/** Renders some bars, with what rings on after them where `tail` is set; loops want none. */
export async function bounce(pattern: Pattern, bars: number, tail: boolean): Promise<AudioBuffer> {
  const buffers = await Promise.all(Array.from({ length: PADS }, (_, at) => padBuffer(pattern, at)));
  const hits = planned(pattern, bars);
  const straight = stepSeconds(pattern.tempo) * STEPS * bars;
  const rings = Math.max(straight, ...hits.map((hit) => hit.at + (buffers[hit.track]?.duration ?? 0)));
  const offline = new OfflineAudioContext({ numberOfChannels: 2, length: Math.ceil((tail ? rings : straight) * RATE_HZ), sampleRate: RATE_HZ });
  for (const hit of hits) {
    const buffer = buffers[hit.track];
    if (!buffer) continue;
    const gain = new GainNode(offline, { gain: hit.velocity });
    const source = new AudioBufferSourceNode(offline, { buffer });
    source.connect(gain).connect(offline.destination);
    source.start(hit.at);
  }
  return beneath(await offline.startRendering());
}

async function padBuffer(pattern: Pattern, at: number): Promise<AudioBuffer | null> {
  const pad = pattern.pads[at];
  return pad ? load(urlOf(pad.sound)).catch(() => null) : null;
}

/** Turns the whole down where its peak would clip. */
function beneath(buffer: AudioBuffer): AudioBuffer {
  const channels = Array.from({ length: buffer.numberOfChannels }, (_, at) => buffer.getChannelData(at));
  let peak = 0;
  for (const channel of channels) for (const sample of channel) peak = Math.max(peak, Math.abs(sample));
  if (peak > CEILING) for (const channel of channels) for (let at = 0; at < channel.length; at++) channel[at] = ((channel[at] ?? 0) * CEILING) / peak;
  return buffer;
}
