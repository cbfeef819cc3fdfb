import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "./Icon";
import "./surfaces.css";

export interface EmptyStateProps {
  title: string;
  icon?: IconName | undefined;
  /** Why it is empty, and what fills it. */
  children?: ComponentChildren;
  actions?: ComponentChildren;
}

export function EmptyState({ title, icon, children, actions }: EmptyStateProps) {
  return (
    <div class="t-empty">
      {icon && <Icon name={icon} size={2.25} />}
      <h2>{title}</h2>
      {children && <div class="t-empty-text">{children}</div>}
      {actions && <div class="t-row" data-wrap>{actions}</div>}
    </div>
  );
}
