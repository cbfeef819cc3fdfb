import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { IconButton } from "./IconButton";
import "./surfaces.css";

export interface DialogProps {
  open: boolean;
  title: string;
  onClose: () => void;
  children?: ComponentChildren;
  /** The buttons at its foot. */
  actions?: ComponentChildren;
  wide?: boolean | undefined;
}

/** A question in the page's middle. The browser keeps the focus inside; Esc and a click beside it close it. */
export function Dialog(props: DialogProps) {
  return <Modal {...props} class="t-dialog" />;
}

export interface DrawerProps extends Omit<DialogProps, "wide"> {
  side?: "right" | "left" | undefined;
}

/** More about one thing, from the side. */
export function Drawer({ side = "right", ...props }: DrawerProps) {
  return <Modal {...props} class="t-drawer" side={side} />;
}

function Modal({ open, title, onClose, children, actions, wide, side, class: name }: DialogProps & { class: string; side?: string }) {
  const element = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = element.current;
    if (!dialog || !open) return undefined;
    const before = document.activeElement;
    dialog.showModal();
    return () => {
      dialog.close();
      if (before instanceof HTMLElement) before.focus({ preventScroll: true });
    };
  }, [open]);
  if (!open) return null;
  return (
    <dialog
      ref={element} class={name} data-wide={wide || undefined} data-side={side} aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onPointerDown={(event) => event.target === element.current && onClose()}
    >
      <div class="t-modal">
        <header class="t-modal-head">
          <h2 id={id}>{title}</h2>
          <IconButton icon="close" label="Close" onClick={onClose} />
        </header>
        <div class="t-modal-body">{children}</div>
        {actions && <footer class="t-modal-foot">{actions}</footer>}
      </div>
    </dialog>
  );
}
