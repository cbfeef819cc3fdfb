/** WAV files from samples: 16 bit, any number of channels. Pure but for the Blob. */

/** The bytes of a 16-bit WAV file; samples beyond ±1 are clipped. */
export function wavBytes(channels: readonly Float32Array[], sampleRate: number): ArrayBuffer {
  const width = channels.length;
  const frames = channels[0]?.length ?? 0;
  const size = frames * width * 2;
  const view = new DataView(new ArrayBuffer(44 + size));
  const text = (at: number, word: string): void => [...word].forEach((letter, place) => view.setUint8(at + place, letter.charCodeAt(0)));
  text(0, "RIFF");
  view.setUint32(4, 36 + size, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, width, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, sampleRate * width * 2, true);
  view.setUint16(32, width * 2, true);
  view.setUint16(34, 16, true);
  text(36, "data");
  view.setUint32(40, size, true);
  for (let frame = 0, at = 44; frame < frames; frame++)
    for (const channel of channels) {
      const sample = Math.max(-1, Math.min(1, channel[frame] ?? 0));
      view.setInt16(at, Math.round(sample < 0 ? sample * 32768 : sample * 32767), true);
      at += 2;
    }
  return view.buffer;
}

export const wavBlob = (channels: readonly Float32Array[], sampleRate: number): Blob =>
  new Blob([wavBytes(channels, sampleRate)], { type: "audio/wav" });

/** A decoded sound as a WAV file. */
export function toWav(buffer: AudioBuffer): Blob {
  const channels = Array.from({ length: buffer.numberOfChannels }, (_, at) => buffer.getChannelData(at));
  return wavBlob(channels, buffer.sampleRate);
}
