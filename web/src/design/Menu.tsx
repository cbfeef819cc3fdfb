import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { spell } from "../state/shortcuts";
import { Icon, type IconName } from "./Icon";
import { place } from "./place";
import "./surfaces.css";

export interface MenuItem {
  label: string;
  onSelect: () => void;
  icon?: IconName | undefined;
  keys?: string | undefined;
  danger?: boolean | undefined;
  disabled?: boolean | undefined;
  /** Given: an item that is on or off. */
  checked?: boolean | undefined;
}

export interface MenuProps {
  label: string;
  /** "-" draws a line. */
  items: readonly (MenuItem | "-")[];
  icon?: IconName | undefined;
  /** Show the icon alone. */
  iconOnly?: boolean | undefined;
  kind?: "plain" | "quiet" | undefined;
  size?: "m" | "s" | undefined;
  disabled?: boolean | undefined;
}

/** A button that opens a list of things to do. */
export function Menu({ label, items, icon, iconOnly, kind = "plain", size = "m", disabled }: MenuProps) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);

  useLayoutEffect(() => {
    if (!open || !list.current || !button.current) return;
    place(list.current, button.current, "below");
    list.current.querySelector<HTMLElement>("[role^=menuitem]:not(:disabled)")?.focus();
  }, [open]);
  const close = (): void => {
    list.current?.hidePopover();
    button.current?.focus();
  };

  return (
    <>
      <button
        ref={button} type="button" class={`t-button ${iconOnly ? "t-icon-button" : ""}`} data-kind={kind} data-size={size} disabled={disabled}
        aria-haspopup="menu" aria-expanded={open} aria-controls={id} aria-label={iconOnly ? label : undefined} data-tip={iconOnly ? label : undefined}
        onClick={() => list.current?.togglePopover()}
        onKeyDown={(event) => event.key === "ArrowDown" && list.current?.showPopover()}
      >
        {icon && <Icon name={icon} />}
        {!iconOnly && <><span class="t-button-text">{label}</span><Icon name="down" size={0.875} /></>}
      </button>
      <div
        ref={list} id={id} popover="auto" role="menu" aria-label={label} class="t-menu"
        onToggle={(event) => setOpen((event as unknown as ToggleEvent).newState === "open")}
        onKeyDown={(event) => moveInMenu(event, list.current, close)}
      >
        {open && items.map((item, at) => (item === "-" ? <hr key={at} /> : (
          <button
            key={at} type="button" role={item.checked === undefined ? "menuitem" : "menuitemcheckbox"} aria-checked={item.checked} tabIndex={-1}
            class="t-menu-item" data-danger={item.danger || undefined} disabled={item.disabled}
            onClick={() => { close(); item.onSelect(); }}
          >
            <span class="t-menu-sign">{item.checked ? <Icon name="check" size={1} /> : item.icon && <Icon name={item.icon} size={1} />}</span>
            <span class="t-grow">{item.label}</span>
            {item.keys && <span class="t-menu-keys">{spell(item.keys).map((key) => key.join("+")).join(" ")}</span>}
          </button>
        )))}
      </div>
    </>
  );
}

function moveInMenu(event: KeyboardEvent, list: HTMLElement | null, close: () => void): void {
  const all = [...(list?.querySelectorAll<HTMLElement>("[role^=menuitem]:not(:disabled)") ?? [])];
  const here = all.indexOf(document.activeElement as HTMLElement);
  const to = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: all.length - 1 }[event.key];
  if (event.key === "Tab") close();
  if (to === undefined || !all.length) return;
  event.preventDefault();
  all[(to + all.length) % all.length]?.focus();
}
