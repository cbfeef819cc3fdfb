import { useState } from "preact/hooks";
import { post } from "../../api/client";
import type { Model } from "../../api/models";
import { Button } from "../../design/Button";
import { Dialog } from "../../design/Dialog";
import { TextField } from "../../design/Field";
import { several } from "../../design/numbers";
import { toast, toastError } from "../../state/toasts";
import { expectEcho, take } from "./list";
import { namesOf, PARTS, type Made } from "./names";

const SHOWN = 100;
const LONGEST = 80;

/** Names for many sounds at once, seen before they are given. */
export function RenameDialog({ all, onClose }: { all: readonly Made[]; onClose: () => void }) {
  const [pattern, setPattern] = useState("{label} {n}");
  const [busy, setBusy] = useState(false);
  const names = namesOf(all, pattern);
  const wrong = !pattern.trim() ? "A pattern, such as {label} {n}." : pattern.length > LONGEST ? `At most ${LONGEST} letters.` : null;
  const alike = names.length - new Set(names).size;
  const rename = async (): Promise<void> => {
    if (wrong) return;
    setBusy(true);
    try {
      expectEcho();
      const told = await post<Model<"MadeSounds">>("/api/made/rename", { ids: all.map((made) => made.id), pattern });
      expectEcho();
      take(told.made);
      toast(`${several(told.total, "sound")} renamed`, { kind: "good" });
      onClose();
    } catch (thrown) {
      toastError(thrown);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      open title={`Rename ${several(all.length, "sound")}`} wide onClose={onClose}
      actions={<><Button onClick={onClose}>Leave</Button><Button kind="go" busy={busy} disabled={wrong !== null} onClick={() => void rename()}>Rename</Button></>}
    >
      <div class="t-stack">
        <TextField label="Pattern" mono value={pattern} onInput={setPattern} onEnter={() => void rename()} error={wrong} hint="{n} is the number, {label} the label of what a sound was made of." />
        <div class="t-row" data-wrap>{PARTS.map((part) => <Button key={part} size="s" onClick={() => setPattern(`${pattern}${part}`)}>{part}</Button>)}</div>
        {alike > 0 && <p class="t-hint">{several(alike, "name")} would be given twice. Add {"{n}"} to tell them apart; a pack numbers them.</p>}
        <table class="hist-names">
          <thead><tr><th scope="col">Now</th><th scope="col">Then</th></tr></thead>
          <tbody>{all.slice(0, SHOWN).map((made, at) => <tr key={made.id}><td>{made.name}</td><td>{names[at]}</td></tr>)}</tbody>
        </table>
        {all.length > SHOWN && <p class="t-hint">And {all.length - SHOWN} more.</p>}
      </div>
    </Dialog>
  );
}
