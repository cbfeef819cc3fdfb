import { useState } from "preact/hooks";
import type { MadeSounds } from "../../api/types";
import { Button } from "../../design/Button";
import { Thrown } from "../../design/ErrorNote";
import { TextField } from "../../design/Field";
import { Icon } from "../../design/Icon";
import { NumberField } from "../../design/NumberField";
import { Panel } from "../../design/Panel";
import { Segmented } from "../../design/Tabs";
import { toast, toastError } from "../../state/toasts";
import { changes, startJob } from "../../state/workspace";
import { useAsked } from "../hearing/asked";
import type { Chosen } from "../hearing/SoundPicker";
import { byInstrument, KINDS, listenWish, missing, type Kind, type TestDraft } from "./kinds";
import { Originals } from "./Originals";
import { Systems } from "./Systems";

const FROM = [
  { id: "starred", label: "Starred" },
  { id: "kept", label: "All but rejected" },
] as const;

/** Puts a listening test together. */
export function BuildTest({ names, onClose }: { names: readonly string[]; onClose: () => void }) {
  const [from, setFrom] = useState<"starred" | "kept">("starred");
  const { value, error } = useAsked<MadeSounds>(`/api/made?only=${from}&count=1000`, [changes.made.value]);
  const [draft, setDraft] = useState<TestDraft>({ name: "", kind: "preference", systems: [], originals: [], items: null, seed: 0 });
  const [originals, setOriginals] = useState<readonly Chosen[]>([]);
  const [busy, setBusy] = useState(false);
  const set = (change: Partial<TestDraft>): void => setDraft({ ...draft, ...change });
  const groups = byInstrument(value?.made ?? []);
  const whole = { ...draft, originals: originals.map((one) => one.sound) };
  const gaps = missing(whole, groups, names);
  const start = async (): Promise<void> => {
    setBusy(true);
    try {
      await startJob(listenWish(whole, groups));
      toast("The test is being built.");
      onClose();
    } catch (thrown) {
      toastError(thrown);
    }
    setBusy(false);
  };
  return (
    <div class="judge-build">
      <Panel title="What shall listeners tell?" actions={<Button size="s" kind="quiet" icon="close" onClick={onClose}>Cancel</Button>}>
        <Kinds current={draft.kind} onChange={(kind) => set({ kind })} />
      </Panel>
      <Panel title="Whose sounds?" actions={<Segmented label="Which sounds of the history" choices={FROM} current={from} onChange={setFrom} />}>
        {error !== null ? <Thrown error={error} /> : <Systems groups={groups} chosen={draft.systems} isStarred={from === "starred"} onChange={(systems) => set({ systems })} />}
      </Panel>
      <Panel title="Originals"><Originals kind={draft.kind} chosen={originals} onChange={setOriginals} /></Panel>
      <Panel title="Name and size">
        <div class="t-stack">
          <div class="judge-numbers">
            <TextField label="Name" value={draft.name} onInput={(name) => set({ name: name.slice(0, 120) })} />
            <NumberField label="Pages at most" min={0} max={1000} value={draft.items ?? 0} onChange={(items) => set({ items: items || null })} hint="0 takes what is usual: 20, or 8 of versions beside an original." />
            <NumberField label="Seed" min={0} max={2 ** 32 - 1} value={draft.seed} onChange={(seed) => set({ seed })} hint="Of what is drawn." />
          </div>
          {gaps.length > 0 && <ul class="judge-gaps">{gaps.map((gap) => <li key={gap}><Icon name="info" size={1} /><span>{gap}</span></li>)}</ul>}
          <div class="t-row"><Button kind="go" icon="check" busy={busy} disabled={gaps.length > 0} onClick={() => void start()}>Build the test</Button></div>
        </div>
      </Panel>
    </div>
  );
}

function Kinds({ current, onChange }: { current: Kind; onChange: (kind: Kind) => void }) {
  const sideBySide = KINDS.find((one) => one.id === current)?.sideBySide;
  return (
    <>
      <fieldset class="judge-kinds">
        <legend class="t-unseen">Kind of test</legend>
        {KINDS.map((kind) => (
          <label key={kind.id} class="judge-kind" data-chosen={kind.id === current || undefined}>
            <input type="radio" name="judge-kind" checked={kind.id === current} onChange={() => onChange(kind.id)} />
            <strong>{kind.name}</strong>
            <span class="t-small">{kind.asks}</span>
            <span class="t-soft t-small">{kind.answers}</span>
          </label>
        ))}
      </fieldset>
      {sideBySide && <p class="t-hint">Versions of one sound are set side by side, so sounds must belong together: made from the same original of the library, or called by the same name. What belongs to nothing is named and left out.</p>}
    </>
  );
}
