import { DOTTED, FILLED, ICONS, type IconName } from "./icons";

export type { IconName };

export interface IconProps {
  name: IconName;
  /** Edge length in rem. */
  size?: number | undefined;
  filled?: boolean | undefined;
}

/** A drawn sign. It says nothing to a screen reader: name the control that holds it. */
export function Icon({ name, size = 1.125, filled = FILLED.has(name) }: IconProps) {
  return (
    <svg
      class="t-icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false" style={{ width: `${size}rem`, height: `${size}rem` }}
      fill={filled ? "currentColor" : "none"} stroke="currentColor" stroke-width={DOTTED.has(name) ? 2.6 : 1.5}
      stroke-linecap="round" stroke-linejoin="round"
    >
      <path d={ICONS[name]} />
      {name === "auto" && <path d="M10 3.2a6.8 6.8 0 0 0 0 13.6z" fill="currentColor" stroke="none" />}
    </svg>
  );
}
