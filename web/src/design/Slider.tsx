import { IconButton } from "./IconButton";
import { clamp, decimals, snap } from "./numbers";
import "./controls.css";

export interface SliderProps {
  /** A word for what is heard, not a number of a dimension. */
  label: string;
  value: number;
  /** Told at every move. */
  onInput: (value: number) => void;
  /** Told once when a move ends: the moment for an undo step. */
  onChange?: ((value: number) => void) | undefined;
  min?: number | undefined;
  max?: number | undefined;
  step?: number | undefined;
  /** Where a double click (or Backspace) leads back to; the middle or 0 if not given. */
  initial?: number | undefined;
  unit?: string | undefined;
  format?: ((value: number) => string) | undefined;
  disabled?: boolean | undefined;
  locked?: boolean | undefined;
  onLock?: ((locked: boolean) => void) | undefined;
}

/** A fader: its name and value stand in the bar. Bars that hold 0 within fill from 0. */
export function Slider(props: SliderProps) {
  const { label, value, onInput, onChange, min = 0, max = 1, step = 0.01, unit, disabled, locked, onLock } = props;
  const home = props.initial ?? clamp(0, min, max);
  const shown = props.format?.(value) ?? `${value.toFixed(decimals(step))}${unit ? ` ${unit}` : ""}`;
  const place = (of: number): number => clamp((of - min) / (max - min || 1), 0, 1) * 100;
  const from = place(min < 0 && max > 0 ? 0 : min);
  const set = (next: number): void => {
    onInput(snap(next, min, max, step));
    onChange?.(snap(next, min, max, step));
  };
  return (
    <div class="t-slider" data-disabled={disabled || locked || undefined} onDblClick={() => !disabled && !locked && set(home)}>
      <span class="t-slider-bar" aria-hidden="true">
        <span class="t-slider-fill" style={{ left: `${Math.min(from, place(value))}%`, width: `${Math.abs(place(value) - from)}%` }} />
        <span class="t-slider-thumb" style={{ left: `${place(value)}%` }} />
        <span class="t-slider-name">{label}</span>
        <span class="t-slider-value">{shown}</span>
      </span>
      <input
        type="range" aria-label={label} aria-valuetext={shown} min={min} max={max} step={step} value={value} disabled={disabled || locked}
        onInput={(event) => onInput(Number(event.currentTarget.value))}
        onChange={(event) => onChange?.(Number(event.currentTarget.value))}
        onKeyDown={(event) => {
          const by = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1 }[event.key];
          if (event.key === "Backspace" || event.key === "Delete") set(home);
          else if (by && event.shiftKey) set(value + by * step * 10);
          else return;
          event.preventDefault();
        }}
      />
      {onLock && (
        <IconButton
          icon={locked ? "lock" : "unlock"} size="s" label={locked ? `Unlock ${label}` : `Lock ${label}`} pressed={locked ?? false}
          onClick={() => onLock(!locked)}
        />
      )}
    </div>
  );
}
