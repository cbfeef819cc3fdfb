import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import "./surfaces.css";

export interface PanelProps {
  title?: string | undefined;
  /** Buttons at the right of the title. */
  actions?: ComponentChildren;
  children?: ComponentChildren;
  /** Without padding, for tables and plots. */
  flush?: boolean | undefined;
  class?: string | undefined;
}

/** A named region of a view. */
export function Panel({ title, actions, children, flush, class: name }: PanelProps) {
  const id = useId();
  return (
    <section class={`t-panel ${name ?? ""}`} aria-labelledby={title ? id : undefined} data-flush={flush || undefined}>
      {(title || actions) && (
        <header class="t-panel-head">
          {title && <h2 id={id}>{title}</h2>}
          {actions && <div class="t-row">{actions}</div>}
        </header>
      )}
      <div class="t-panel-body">{children}</div>
    </section>
  );
}
