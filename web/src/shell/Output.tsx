import { useEffect, useRef } from "preact/hooks";
import { level, masterVolume, setMasterVolume, stopAll } from "../audio/engine";
import { IconButton } from "../design/IconButton";
import { token } from "../state/theme";

const FLOOR_DB = -48;

/** Where a level stands on the meter, 0 to 1. Pure. */
export const meterPlace = (peak: number): number => Math.max(0, 1 - (20 * Math.log10(Math.max(peak, 1e-6))) / FLOOR_DB);

/** The output: its level, its volume, and silence. */
export function Output() {
  const volume = masterVolume.value;
  return (
    <div class="shell-output" role="group" aria-label="Output">
      <IconButton icon="stop" size="s" label="Stop all sounds" keys="escape" onClick={() => stopAll()} />
      <div class="shell-volume" data-tip={`Volume ${Math.round(volume * 100)} %`}>
        <Meter />
        <input
          type="range" min={0} max={1} step={0.01} value={volume} aria-label="Volume" aria-valuetext={`${Math.round(volume * 100)} %`}
          onInput={(event) => setMasterVolume(Number(event.currentTarget.value))} onDblClick={() => setMasterVolume(0.8)}
        />
        <span class="shell-volume-mark" style={{ left: `${volume * 100}%` }} aria-hidden="true" />
      </div>
    </div>
  );
}

function Meter() {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    let frame = 0;
    let shown = 0;
    let drawn = -1;
    const draw = (): void => {
      frame = requestAnimationFrame(draw);
      shown = Math.max(meterPlace(level()), shown - 0.025);
      if (Math.abs(shown - drawn) < 0.004) return;
      drawn = shown;
      paint(canvas.current, shown);
    };
    draw();
    return () => cancelAnimationFrame(frame);
  }, []);
  return <canvas ref={canvas} width={144} height={12} aria-hidden="true" />;
}

function paint(canvas: HTMLCanvasElement | null, place: number): void {
  const pen = canvas?.getContext("2d");
  if (!canvas || !pen) return;
  pen.clearRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = place > 0.985 ? token("bad") : token("accent");
  pen.fillRect(0, 0, canvas.width * place, canvas.height);
}
