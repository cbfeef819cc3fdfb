import { useEffect, useState } from "preact/hooks";
import { Field, type FieldProps } from "./Field";
import { decimals, snap } from "./numbers";

export interface NumberFieldProps extends Omit<FieldProps, "children"> {
  value: number;
  /** A whole, permitted number; told at Enter, on leaving, and at each arrow key. */
  onChange: (value: number) => void;
  min?: number | undefined;
  max?: number | undefined;
  step?: number | undefined;
  unit?: string | undefined;
  disabled?: boolean | undefined;
}

export function NumberField(props: NumberFieldProps) {
  const { value, onChange, min = -Infinity, max = Infinity, step = 1, unit, disabled, ...field } = props;
  const [draft, setDraft] = useState(String(value));
  useEffect(() => setDraft(String(value)), [value]);

  const settle = (number: number): void => {
    if (!Number.isFinite(number)) return setDraft(String(value));
    const next = snap(number, min, max, step);
    setDraft(String(next));
    if (next !== value) onChange(next);
  };
  const nudge = (event: KeyboardEvent, by: number): void => {
    event.preventDefault();
    settle(Number((Number(draft) + by * step * (event.shiftKey ? 10 : 1)).toFixed(decimals(step) + 1)));
  };

  return (
    <Field {...field}>
      {(hooks) => (
        <span class="t-number-field">
          <input
            {...hooks} class="t-input" type="text" inputMode="decimal" role="spinbutton" autocomplete="off" disabled={disabled} value={draft}
            aria-valuenow={value} aria-valuemin={Number.isFinite(min) ? min : undefined} aria-valuemax={Number.isFinite(max) ? max : undefined}
            aria-valuetext={unit ? `${value} ${unit}` : undefined}
            onInput={(event) => setDraft(event.currentTarget.value)}
            onFocus={(event) => event.currentTarget.select()}
            onBlur={() => settle(Number(draft.trim() === "" ? NaN : draft.replace(",", ".")))}
            onKeyDown={(event) => {
              if (event.key === "ArrowUp") nudge(event, 1);
              if (event.key === "ArrowDown") nudge(event, -1);
              if (event.key === "Enter") settle(Number(draft.replace(",", ".")));
              if (event.key === "Escape") setDraft(String(value));
            }}
          />
          {unit && <span class="t-unit" aria-hidden="true">{unit}</span>}
        </span>
      )}
    </Field>
  );
}
