import { useId } from "preact/hooks";
import "./controls.css";

export interface ToggleProps {
  label: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
  hint?: string | undefined;
  disabled?: boolean | undefined;
}

export function Toggle({ label, checked, onChange, hint, disabled }: ToggleProps) {
  const id = useId();
  return (
    <div class="t-toggle-field">
      <button
        type="button" role="switch" class="t-toggle" aria-checked={checked} aria-describedby={hint ? id : undefined} disabled={disabled}
        onClick={() => onChange(!checked)}
      >
        <span class="t-toggle-track" aria-hidden="true"><span class="t-toggle-knob" /></span>
        {label}
      </button>
      {hint && <p id={id} class="t-hint">{hint}</p>}
    </div>
  );
}
