import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { spell } from "../state/shortcuts";
import { place } from "./place";
import "./surfaces.css";

export interface TooltipProps {
  text: string;
  /** Keys that do the same. */
  keys?: string | undefined;
  children: ComponentChildren;
}

/** A hint that appears on hover and on focus. It only repeats or explains: name the control itself as well. */
export function Tooltip({ text, keys, children }: TooltipProps) {
  return <span class="t-tip-host" data-tip={text} data-tip-keys={keys}>{children}</span>;
}

const WAIT_MS = 450;

/** The one box that shows every tooltip; the shell holds it. Any element with `data-tip` has one. */
export function TooltipLayer() {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let timer = 0;
    const hide = (): void => {
      clearTimeout(timer);
      if (box.current?.matches(":popover-open")) box.current.hidePopover();
    };
    const show = (event: Event): void => {
      const host = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-tip]") : null;
      hide();
      if (!host || (event.type === "focusin" && !host.matches(":focus-visible, :has(:focus-visible)"))) return;
      timer = window.setTimeout(() => fill(box.current, host), WAIT_MS);
    };
    const onKey = (event: KeyboardEvent): void => { if (event.key === "Escape") hide(); };
    const aborter = new AbortController();
    const options = { signal: aborter.signal };
    document.addEventListener("pointerover", show, options);
    document.addEventListener("focusin", show, options);
    document.addEventListener("pointerdown", hide, options);
    document.addEventListener("keydown", onKey, options);
    return () => {
      hide();
      aborter.abort();
    };
  }, []);
  return <div ref={box} class="t-tip" role="presentation" aria-hidden="true" popover="manual" />;
}

function fill(box: HTMLElement | null, host: HTMLElement): void {
  if (!box || !host.isConnected) return;
  const keys = host.dataset["tipKeys"];
  box.textContent = [host.dataset["tip"], keys ? `(${spell(keys).map((one) => one.join("+")).join(" then ")})` : ""].join(" ").trim();
  box.showPopover();
  place(box, host.classList.contains("t-tip-host") ? (host.firstElementChild ?? host) : host, "above");
}
