import { Icon, type IconName } from "./Icon";
import "./controls.css";

export interface IconButtonProps {
  icon: IconName;
  /** Its name, for the tooltip and for screen readers. */
  label: string;
  onClick?: ((event: MouseEvent) => void) | undefined;
  /** Keys that do the same, shown in the tooltip. */
  keys?: string | undefined;
  kind?: "quiet" | "plain" | "go" | "danger" | undefined;
  size?: "m" | "s" | "l" | undefined;
  pressed?: boolean | undefined;
  filled?: boolean | undefined;
  disabled?: boolean | undefined;
  /** Kept out of the tab order, as inside a row that has its own keys. */
  skipTab?: boolean | undefined;
  class?: string | undefined;
}

export function IconButton(props: IconButtonProps) {
  const { kind = "quiet", size = "m" } = props;
  return (
    <button
      type="button" class={`t-button t-icon-button ${props.class ?? ""}`} data-kind={kind} data-size={size} aria-label={props.label}
      data-tip={props.label} data-tip-keys={props.keys} aria-pressed={props.pressed} disabled={props.disabled}
      tabIndex={props.skipTab ? -1 : undefined} onClick={props.onClick}
    >
      <Icon name={props.icon} filled={props.filled} />
    </button>
  );
}
