import { useRef, useState } from "preact/hooks";
import { Icon } from "../../design/Icon";
import { clamp } from "../../design/numbers";
import type { Machine } from "./machine";
import { plainName } from "./making";
import { STEPS, withStep } from "./pattern";

const USUAL = 0.85;

/** A row a track, a column a step. */
export function StepGrid({ machine }: { machine: Machine }) {
  const pattern = machine.pattern.value;
  const box = useRef<HTMLDivElement>(null);
  const [current, setCurrent] = useState({ track: 0, step: 0 });
  const at = { track: Math.min(current.track, pattern.tracks - 1), step: current.step };
  const velocityAt = (track: number, step: number): number => machine.pattern.value.steps[track]?.[step] ?? 0;
  const set = (track: number, step: number, velocity: number): void => machine.set(withStep(machine.pattern.value, track, step, velocity));
  const toggle = (track: number, step: number): void => {
    const next = velocityAt(track, step) > 0 ? 0 : USUAL;
    set(track, step, next);
    if (next && !machine.running.value) machine.strike(track, next);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const { track, step } = at;
    const ways: Record<string, [number, number]> = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0], Home: [0, -STEPS], End: [0, STEPS] };
    const way = ways[event.key];
    const strength = { "+": 0.1, "=": 0.1, "-": -0.1 }[event.key];
    if (way) {
      const next = { track: clamp(track + way[0], 0, pattern.tracks - 1), step: clamp(step + way[1], 0, STEPS - 1) };
      setCurrent(next);
      box.current?.querySelector<HTMLElement>(`[data-place="${next.track}-${next.step}"]`)?.focus();
    } else if (event.key === " " || event.key === "Enter") toggle(track, step);
    else if (strength && velocityAt(track, step)) set(track, step, clamp(Number((velocityAt(track, step) + strength).toFixed(2)), 0.1, 1));
    else return;
    event.preventDefault();
  };
  return (
    <div ref={box} class="play-grid" role="group" aria-label="Steps" data-own-keys onKeyDown={onKeyDown}>
      {Array.from({ length: pattern.tracks }, (_, track) => (
        <div key={track} class="play-track" role="group" aria-label={`Track ${track + 1}: ${trackName(machine, track)}`} data-empty={!pattern.pads[track] || undefined}>
          <button type="button" class="play-track-name" tabIndex={-1} aria-label={`Play ${trackName(machine, track)}`} onClick={() => machine.strike(track)}>
            <Icon name="play" size={0.75} /><span class="t-clip">{trackName(machine, track)}</span>
          </button>
          {Array.from({ length: STEPS }, (_, step) => (
            <Step
              key={step} track={track} step={step} velocity={velocityAt(track, step)} isCurrent={at.track === track && at.step === step} machine={machine}
              onToggle={() => { setCurrent({ track, step }); toggle(track, step); }} onSet={(velocity) => set(track, step, velocity)}
            />
          ))}
        </div>
      ))}
    </div>
  );
}

const trackName = (machine: Machine, track: number): string => plainName(machine.pattern.value.pads[track]?.name ?? `pad ${track + 1}, empty`);

interface StepProps {
  track: number;
  step: number;
  velocity: number;
  isCurrent: boolean;
  machine: Machine;
  onToggle: () => void;
  onSet: (velocity: number) => void;
}

const DRAG_PX = 60;

function Step({ track, step, velocity, isCurrent, machine, onToggle, onSet }: StepProps) {
  const drag = useRef<{ y: number; from: number; moved: boolean } | null>(null);
  const isNow = machine.step.value === step;
  return (
    <button
      type="button" class="play-step" data-place={`${track}-${step}`} data-on={velocity > 0 || undefined} data-now={isNow || undefined} data-beat={step % 4 === 0 || undefined}
      aria-pressed={velocity > 0} aria-label={velocity > 0 ? `Step ${step + 1}, strength ${Math.round(velocity * 100)} %` : `Step ${step + 1}`} tabIndex={isCurrent ? 0 : -1}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        drag.current = { y: event.clientY, from: velocity || USUAL, moved: false };
      }}
      onPointerMove={(event) => {
        const now = drag.current;
        if (!now || (!now.moved && Math.abs(event.clientY - now.y) < 6)) return;
        now.moved = true;
        onSet(Number(clamp(now.from + (now.y - event.clientY) / DRAG_PX, 0.1, 1).toFixed(2)));
      }}
      onPointerUp={() => {
        if (drag.current && !drag.current.moved) onToggle();
        drag.current = null;
      }}
      onPointerCancel={() => { drag.current = null; }}
    >
      <span class="play-step-fill" style={{ height: `${velocity * 100}%` }} aria-hidden="true" />
    </button>
  );
}
