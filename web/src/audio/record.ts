/** The microphone, to a 16-bit mono WAV. */

import workletUrl from "./capture.worklet.ts?worker&url";
import { ApiError } from "../api/client";
import { context } from "./engine";
import { wavBlob } from "./wav";

export interface Take {
  blob: Blob;
  samples: Float32Array;
  sampleRate: number;
  seconds: number;
}

export interface Recording {
  /** Ends it and gives what was heard. */
  stop(): Promise<Take>;
  /** Ends it and forgets it. */
  cancel(): void;
  /** The loudest sample of the last block, 0 to 1. */
  level(): number;
  seconds(): number;
}

export interface RecordOptions {
  /** Ends by itself after this. */
  longestSeconds?: number | undefined;
  onBlock?: ((block: Float32Array, seconds: number) => void) | undefined;
  /** Told when it ends by itself. */
  onLimit?: (() => void) | undefined;
}

/** Starts to record. Asks for the microphone at first use; a refusal throws an `ApiError` that says what to do. */
export async function record(options: RecordOptions = {}): Promise<Recording> {
  const audio = context();
  await audio.resume();
  await audio.audioWorklet.addModule(workletUrl);
  const stream = await microphone();
  const source = audio.createMediaStreamSource(stream);
  const capture = new AudioWorkletNode(audio, "timbrel-capture", { numberOfOutputs: 0 });
  const blocks: Float32Array[] = [];
  let length = 0;
  let peak = 0;
  let isOpen = true;

  const close = (): void => {
    isOpen = false;
    capture.port.onmessage = null;
    source.disconnect();
    for (const track of stream.getTracks()) track.stop();
  };
  capture.port.onmessage = (event: MessageEvent<Float32Array>) => {
    blocks.push(event.data);
    length += event.data.length;
    peak = event.data.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
    options.onBlock?.(event.data, length / audio.sampleRate);
    if (isOpen && length / audio.sampleRate >= (options.longestSeconds ?? 60)) {
      close();
      options.onLimit?.();
    }
  };
  source.connect(capture);

  return {
    level: () => peak,
    seconds: () => length / audio.sampleRate,
    cancel: close,
    stop: async () => {
      if (isOpen) close();
      const samples = joined(blocks);
      return { blob: wavBlob([samples], audio.sampleRate), samples, sampleRate: audio.sampleRate, seconds: samples.length / audio.sampleRate };
    },
  };
}

/** Blocks in a row. Pure. */
export function joined(blocks: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(blocks.reduce((sum, block) => sum + block.length, 0));
  let at = 0;
  for (const block of blocks) {
    whole.set(block, at);
    at += block.length;
  }
  return whole;
}

async function microphone(): Promise<MediaStream> {
  // Call quality would be bad for music: the browser's clean-up is turned off.
  const audio = { echoCancellation: false, noiseSuppression: false, autoGainControl: false, channelCount: 1 };
  try {
    return await navigator.mediaDevices.getUserMedia({ audio });
  } catch (thrown) {
    const name = thrown instanceof DOMException ? thrown.name : "";
    const isRefused = name === "NotAllowedError";
    throw new ApiError(
      0,
      isRefused ? "The browser did not let the page use the microphone." : "No microphone was found.",
      "A microphone that this page may use.",
      isRefused
        ? "Allow the microphone for this page, by the sign beside its address, and try again."
        : "Plug one in, or choose one in the system's settings, and try again.",
      "The microphone cannot be used.",
    );
  }
}
