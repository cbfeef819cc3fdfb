import type { ComponentChildren } from "preact";
import "./surfaces.css";

export interface BadgeProps {
  children?: ComponentChildren;
  tone?: "plain" | "accent" | "good" | "warn" | "bad" | undefined;
  /** A dot of a label's colour before the word. */
  colour?: string | undefined;
}

export function Badge({ children, tone = "plain", colour }: BadgeProps) {
  return (
    <span class="t-badge" data-tone={tone}>
      {colour && <span class="t-dot" style={{ background: colour }} aria-hidden="true" />}
      {children}
    </span>
  );
}
