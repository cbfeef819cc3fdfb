import { clamp, count, roughTime } from "./numbers";
import "./surfaces.css";

export interface ProgressProps {
  /** What is being done. */
  label: string;
  done: number;
  /** null where the amount is not known. */
  total: number | null;
  secondsLeft?: number | null | undefined;
  note?: string | null | undefined;
  /** Only the bar. */
  bare?: boolean | undefined;
  /** What is counted, such as "sounds"; a percentage is shown without. */
  unit?: string | undefined;
}

export function Progress({ label, done, total, secondsLeft, note, bare, unit }: ProgressProps) {
  const share = total === null ? null : clamp(done / Math.max(total, 1e-9), 0, 1);
  const amount = share === null ? (unit ? `${count(done)} ${unit}` : "") : unit ? `${count(done)} of ${count(total ?? 0)} ${unit}` : `${Math.floor(share * 100)} %`;
  const left = secondsLeft === null || secondsLeft === undefined ? "" : `${roughTime(secondsLeft)} left`;
  return (
    <div class="t-progress">
      {!bare && <div class="t-progress-line"><span class="t-clip">{label}</span><span class="t-soft">{[amount, left].filter(Boolean).join(" · ")}</span></div>}
      <div
        class="t-progress-track" role="progressbar" aria-label={label} aria-valuemin={0} aria-valuemax={100}
        aria-valuenow={share === null ? undefined : Math.round(share * 100)} aria-valuetext={[amount, left].filter(Boolean).join(", ") || undefined}
      >
        <span class="t-progress-fill" data-endless={share === null || undefined} style={share === null ? {} : { width: `${share * 100}%` }} />
      </div>
      {!bare && note && <p class="t-hint t-clip" title={note}>{note}</p>}
    </div>
  );
}
