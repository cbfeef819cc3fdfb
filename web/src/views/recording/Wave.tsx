import { useEffect, useRef, useState } from "preact/hooks";
import { load } from "../../audio/engine";
import { useOutline } from "../sounds/refs";
import { shownTheme, token } from "../../state/theme";
import type { Copies } from "../../api/types";
import { colourOf, origin } from "./copymap";
import { columns, lengthOf, timeAt, type Span } from "./viewport";

export interface WaveProps {
  sound: string;
  url: string;
  duration: number;
  span: Span;
  /** It is what is heard. */
  isHeard: boolean;
  copies: Copies | null;
  /** The recording's length, for the colours of places; a lane with `isScale` shows them. */
  scale: number;
  isScale: boolean;
}

const OUTLINE = 4000;
const PITCH_PX = 2;
const RAMP_PX = 4;
const MOST_DECODED_S = 900;

/** The waveform of the stretch in sight, coloured where it repeats the recording. */
export function Wave(props: WaveProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const outline = useOutline(props.sound, OUTLINE, 0);
  const fine = useFine(props);
  const theme = shownTheme.value;
  const latest = useRef<() => void>(() => undefined);
  latest.current = () => { if (canvas.current) paint(canvas.current, props, fine ?? outline?.peaks ?? [], theme); };
  useEffect(() => {
    const watcher = new ResizeObserver(() => latest.current());
    if (canvas.current) watcher.observe(canvas.current);
    return () => watcher.disconnect();
  }, []);
  useEffect(() => latest.current(), [outline, fine, theme, props.span.from, props.span.to, props.isHeard, props.copies, props.scale]);
  return <canvas ref={canvas} class="rec-wave" aria-hidden="true" />;
}

/** The samples themselves, where the stretch in sight is finer than the outline. */
function useFine({ url, duration, span }: WaveProps): Float32Array | null {
  const isNear = lengthOf(span) < (duration * 600) / OUTLINE && duration < MOST_DECODED_S;
  const [samples, setSamples] = useState<{ url: string; mix: Float32Array } | null>(null);
  useEffect(() => {
    if (!isNear || samples?.url === url) return;
    load(url).then((buffer) => setSamples({ url, mix: mixed(buffer) }), () => undefined);
  }, [isNear, url]);
  return isNear && samples?.url === url ? samples.mix : null;
}

function mixed(buffer: AudioBuffer): Float32Array {
  if (buffer.numberOfChannels === 1) return buffer.getChannelData(0);
  const mix = new Float32Array(buffer.length);
  for (let channel = 0; channel < buffer.numberOfChannels; channel++) {
    const own = buffer.getChannelData(channel);
    for (let at = 0; at < mix.length; at++) mix[at] = Math.max(mix[at] ?? 0, Math.abs(own[at] ?? 0));
  }
  return mix;
}

function paint(canvas: HTMLCanvasElement, props: WaveProps, peaks: ArrayLike<number>, theme: "dark" | "light"): void {
  const [width, height, ratio] = [canvas.clientWidth, canvas.clientHeight, devicePixelRatio || 1];
  const pen = canvas.getContext("2d");
  if (!width || !height || !pen) return;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  pen.scale(ratio, ratio);
  const count = Math.max(1, Math.floor(width / PITCH_PX));
  const tall = columns(peaks, props.duration, props.span, count);
  const loudest = tallest(peaks);
  const plain = token(props.isHeard ? "ink" : "wave");
  const top = height - RAMP_PX;
  for (let column = 0; column < count; column++) {
    const time = timeAt((column + 0.5) / count, props.span);
    if (time > props.duration) break;
    const place = props.isScale ? time : props.copies ? origin(props.copies, time) : null;
    const colour = place === null ? null : colourOf(place, props.scale, theme);
    const bar = Math.max(1, ((tall[column] ?? 0) / loudest) * top * 0.94);
    pen.fillStyle = props.isScale ? plain : (colour ?? plain);
    pen.fillRect(column * PITCH_PX, RAMP_PX + (top - bar) / 2, PITCH_PX - 0.5, bar);
    if (!colour) continue;
    pen.fillStyle = colour;
    pen.fillRect(column * PITCH_PX, 0, PITCH_PX, RAMP_PX - 1);
  }
}

function tallest(peaks: ArrayLike<number>): number {
  let most = 1e-4;
  for (let at = 0; at < peaks.length; at++) most = Math.max(most, Math.abs(peaks[at] ?? 0));
  return most;
}
