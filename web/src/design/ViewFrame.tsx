import type { ComponentChildren } from "preact";
import "./surfaces.css";

export interface ViewFrameProps {
  title: string;
  /** A sentence beside the title: counts, what is in hand. */
  lead?: ComponentChildren;
  /** The view's tools, right of the title. */
  actions?: ComponentChildren;
  /** A column at the right; below the rest on narrow screens. */
  side?: ComponentChildren;
  /** The content fills the height and scrolls within itself (tables, the map), on wide screens. */
  fill?: boolean | undefined;
  children?: ComponentChildren;
}

/** Title bar, content and side column: every view is built in one. */
export function ViewFrame({ title, lead, actions, side, fill, children }: ViewFrameProps) {
  return (
    <div class="t-view" data-fill={fill || undefined}>
      <header class="t-view-head">
        <h1>{title}</h1>
        {lead && <div class="t-view-lead t-clip">{lead}</div>}
        {actions && <div class="t-view-actions">{actions}</div>}
      </header>
      <div class="t-view-body">
        <div class="t-view-main">{children}</div>
        {side && <aside class="t-view-side" aria-label={`${title}: more`}>{side}</aside>}
      </div>
    </div>
  );
}
