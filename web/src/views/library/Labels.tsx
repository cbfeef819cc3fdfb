import { signal } from "@preact/signals";
import { useId, useState } from "preact/hooks";
import type { Labelling } from "../../api/types";
import { Button } from "../../design/Button";
import { CommandLine } from "../../design/CommandLine";
import { Dialog } from "../../design/Dialog";
import { Thrown } from "../../design/ErrorNote";
import { Field } from "../../design/Field";
import { count, several } from "../../design/numbers";
import { Panel } from "../../design/Panel";
import { labelName } from "../sounds/words";
import { setLabel } from "../sounds/labelling";
import { labelCounts } from "./questions";

/** What set labels last, to be copied. */
const lastCommand = signal("");

interface FilterProps {
  labels: Readonly<Record<string, number>>;
  chosen: string | null;
  onChoose: (label: string | null) => void;
}

/** Labels with how many sounds have each; a click shows only those. */
export function LabelFilter({ labels, chosen, onChoose }: FilterProps) {
  const all = labelCounts(labels);
  return (
    <Panel title="Labels" class="lib-labels" actions={chosen !== null && <Button size="s" kind="quiet" onClick={() => onChoose(null)}>Show all</Button>}>
      <ul>
        {all.map(({ label, count: sounds, share }) => (
          <li key={label}>
            <button type="button" class="lib-label" aria-pressed={chosen === label} onClick={() => onChoose(chosen === label ? null : label)}>
              <span class="lib-label-bar" style={{ width: `${share * 100}%` }} aria-hidden="true" />
              <span class="t-clip" title={label}>{labelName(label)}</span>
              <span class="t-soft">{count(sounds)}</span>
            </button>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

interface LabelDialogProps {
  open: boolean;
  /** How many sounds get it. */
  sounds: number;
  /** Which, as the server is asked. */
  which: Omit<Labelling, "label">;
  known: readonly string[];
  onClose: () => void;
  onDone: () => void;
}

/** Another label for many sounds at once. */
export function LabelDialog({ open, sounds, which, known, onClose, onDone }: LabelDialogProps) {
  const [label, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const list = useId();
  const save = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      lastCommand.value = await setLabel({ ...which, label: label.trim() });
      setText("");
      onDone();
    } catch (thrown) {
      setError(thrown);
    }
    setBusy(false);
  };
  return (
    <Dialog
      open={open} title={`Label ${several(sounds, "sound")}`} onClose={onClose}
      actions={<><Button onClick={onClose}>Cancel</Button><Button kind="go" icon="tag" busy={busy} onClick={() => void save()}>{label.trim() ? "Set the label" : "Take the label off"}</Button></>}
    >
      <div class="t-stack">
        <Field label="Label" hint="Only the library changes; the files stay where and as they are.">
          {(hooks) => (
            <input
              {...hooks} class="t-input" list={list} value={label} maxLength={120} autocomplete="off" spellcheck={false} autofocus
              onInput={(event) => setText(event.currentTarget.value)} onKeyDown={(event) => { if (event.key === "Enter") void save(); }}
            />
          )}
        </Field>
        <datalist id={list}>{known.map((one) => <option key={one} value={one} />)}</datalist>
        {error !== null && <Thrown error={error} />}
        {lastCommand.value && <div><p class="t-hint">The last time, as a command:</p><CommandLine command={lastCommand.value} /></div>}
      </div>
    </Dialog>
  );
}
