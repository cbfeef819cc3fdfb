import { useState } from "preact/hooks";
import { Button } from "../../design/Button";
import { Dialog } from "../../design/Dialog";
import { NumberField } from "../../design/NumberField";
import { several } from "../../design/numbers";
import { Toggle } from "../../design/Toggle";
import { toast, toastError } from "../../state/toasts";
import { instrument, instruments, startJob } from "../../state/workspace";

const MOST = 8;

/** Chooses whom to judge, and how thoroughly. */
export function MakeReport({ onClose }: { onClose: () => void }) {
  const able = instruments.value.filter((one) => !one.problem);
  const [names, setNames] = useState<readonly string[]>(instrument.value && !instrument.value.problem ? [instrument.value.name] : []);
  const [isOwn, setOwn] = useState(false);
  const [perLabel, setPerLabel] = useState(16);
  const [seed, setSeed] = useState(0);
  const [busy, setBusy] = useState(false);
  const chosen = able.filter((one) => names.includes(one.name));
  const isMixed = new Set(chosen.map((one) => one.of_recordings)).size > 1;
  const start = async (): Promise<void> => {
    setBusy(true);
    try {
      await startJob({ kind: "evaluate", instruments: names, per_label: isOwn ? perLabel : null, seed });
      toast("The report is being made. It goes on when this page is closed.");
      onClose();
    } catch (thrown) {
      toastError(thrown);
    }
    setBusy(false);
  };
  const toggle = (name: string): void => setNames(names.includes(name) ? names.filter((one) => one !== name) : [...names, name].slice(-MOST));
  const actions = (
    <>
      <span class="t-grow t-soft">{isMixed ? "Those of a library and those of a recording cannot be compared." : several(names.length, "instrument")}</span>
      <Button kind="go" icon="judge" busy={busy} disabled={!names.length || isMixed} onClick={() => void start()}>Make the report</Button>
    </>
  );
  return (
    <Dialog open title="Make a report" onClose={onClose} actions={actions}>
      <div class="t-stack">
        <fieldset class="judge-choose">
          <legend class="t-label">Which instruments</legend>
          {able.map((one) => (
            <label key={one.name} class="judge-check">
              <input type="checkbox" class="t-check" checked={names.includes(one.name)} onChange={() => toggle(one.name)} />
              <span class="t-clip"><strong>{one.name}</strong> <span class="t-soft">{one.recipe}</span></span>
            </label>
          ))}
        </fieldset>
        <p class="t-hint">Several are judged on the same sounds, beside each other in one report. It plays back every sound that was held out, which takes minutes for each, and longer where there are many; the time left is shown.</p>
        <Toggle label="Choose how many sounds" checked={isOwn} onChange={setOwn} hint="Without it as many of each label as were held out, 16 at least; 6 pieces of what learned a recording." />
        <div class="judge-numbers">
          <NumberField label="Sounds of each label" min={2} max={10_000} value={perLabel} disabled={!isOwn} onChange={setPerLabel} />
          <NumberField label="Seed" min={0} max={2 ** 32 - 1} value={seed} onChange={setSeed} />
        </div>
      </div>
    </Dialog>
  );
}
