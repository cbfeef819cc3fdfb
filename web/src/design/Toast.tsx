import { dismiss, toasts, type Notice } from "../state/toasts";
import { Button } from "./Button";
import { ErrorNote } from "./ErrorNote";
import { IconButton } from "./IconButton";
import "./surfaces.css";

/** One notice. Views say things with `toast(...)` and `toastError(...)` of `state/toasts`. */
export function Toast({ notice }: { notice: Notice }) {
  const close = (): void => dismiss(notice.id);
  const { action, trouble } = notice;
  return (
    <div class="t-toast" data-kind={notice.kind}>
      {trouble ? <ErrorNote {...trouble} bare /> : <p>{notice.text}</p>}
      {action && <Button size="s" kind="quiet" onClick={() => { action.run(); close(); }}>{action.label}</Button>}
      <IconButton icon="close" size="s" label="Close this notice" onClick={close} />
    </div>
  );
}

/** All notices; the shell shows it once. */
export function Toasts() {
  return (
    <div class="t-toasts" role="log" aria-live="polite" aria-label="Notices">
      {toasts.value.map((notice) => <Toast key={notice.id} notice={notice} />)}
    </div>
  );
}
