import { useEffect, useRef } from "preact/hooks";
import { peaksOf } from "../audio/peaks";
import { shownTheme, token } from "../state/theme";
import "./data.css";

export interface MiniWaveProps {
  /** Samples from -1 to 1, reduced here ... */
  samples?: ArrayLike<number> | undefined;
  /** ... or the largest absolute values of even stretches, 0 to 1. */
  peaks?: ArrayLike<number> | undefined;
  /** How much of it has been heard, 0 to 1. */
  progress?: number | undefined;
  /** A label's colour; the token `wave` otherwise. */
  colour?: string | undefined;
  /** Told to screen readers; decoration without. */
  label?: string | undefined;
  /** Draws quiet sounds as tall as loud ones. */
  normalise?: boolean | undefined;
  class?: string | undefined;
}

const PITCH_PX = 3;
const BAR_PX = 2;

/** A small waveform, as large as its box. */
export function MiniWave(props: MiniWaveProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const latest = useRef(props);
  latest.current = props;
  const theme = shownTheme.value;
  useEffect(() => {
    const element = canvas.current;
    if (!element) return undefined;
    const watcher = new ResizeObserver(() => paint(element, latest.current));
    watcher.observe(element);
    return () => watcher.disconnect();
  }, []);
  useEffect(() => {
    if (canvas.current) paint(canvas.current, props);
  }, [props.samples, props.peaks, props.progress, props.colour, props.normalise, theme]);
  return <canvas ref={canvas} class={`t-wave ${props.class ?? ""}`} role={props.label ? "img" : undefined} aria-label={props.label} aria-hidden={props.label ? undefined : true} />;
}

function paint(canvas: HTMLCanvasElement, { samples, peaks, progress = 0, colour, normalise }: MiniWaveProps): void {
  const [width, height, ratio] = [canvas.clientWidth, canvas.clientHeight, devicePixelRatio || 1];
  if (!width || !height) return;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const pen = canvas.getContext("2d");
  if (!pen) return;
  pen.scale(ratio, ratio);
  const bars = Math.max(1, Math.floor((width + PITCH_PX - BAR_PX) / PITCH_PX));
  const heights = peaksOf(peaks ?? samples ?? [], bars);
  const top = normalise ? Math.max(1e-4, heights.reduce((most, one) => Math.max(most, one), 0)) : 1;
  const [plain, heard] = [colour ?? token("wave"), token("accent")];
  heights.forEach((peak, at) => {
    const tall = Math.max(1, Math.min(1, peak / top) * height);
    pen.fillStyle = progress > 0 && (at + 0.5) / bars <= progress ? heard : plain;
    pen.fillRect(at * PITCH_PX, (height - tall) / 2, BAR_PX, tall);
  });
}
