import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "./Icon";
import "./controls.css";

export interface ButtonProps {
  children?: ComponentChildren;
  /** "go" is the one thing to do next; at most one in sight. */
  kind?: "plain" | "go" | "quiet" | "danger" | undefined;
  size?: "m" | "s" | "l" | undefined;
  icon?: IconName | undefined;
  disabled?: boolean | undefined;
  /** Working on it: not to be pressed again. */
  busy?: boolean | undefined;
  /** Makes it a button that stays in. */
  pressed?: boolean | undefined;
  title?: string | undefined;
  type?: "button" | "submit" | undefined;
  onClick?: ((event: MouseEvent) => void) | undefined;
  class?: string | undefined;
}

export function Button(props: ButtonProps) {
  const { kind = "plain", size = "m", type = "button" } = props;
  return (
    <button
      type={type} class={`t-button ${props.class ?? ""}`} data-kind={kind} data-size={size} title={props.title}
      disabled={props.disabled || props.busy} aria-busy={props.busy || undefined} aria-pressed={props.pressed} onClick={props.onClick}
    >
      {props.busy ? <span class="t-spinner" aria-hidden="true" /> : props.icon && <Icon name={props.icon} />}
      {props.children !== undefined && <span class="t-button-text">{props.children}</span>}
    </button>
  );
}
