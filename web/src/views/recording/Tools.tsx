import { useState } from "preact/hooks";
import { Button } from "../../design/Button";
import { IconButton } from "../../design/IconButton";
import { NumberField } from "../../design/NumberField";
import { Panel } from "../../design/Panel";
import { Select } from "../../design/Select";
import { Slider } from "../../design/Slider";
import { toastError } from "../../state/toasts";
import { startJob } from "../../state/workspace";
import { FileSlot } from "./FileSlot";
import { HoleList } from "./HoleList";
import { files, holes, mode, owner, set, settings, target, tool } from "./session";
import type { Span } from "./viewport";
import { missing, wishOf, type Tool, type ToolId } from "./wishes";

/** What the instrument can do with its recording: one tool at a time. */
export function Tools({ tools, trained, longest }: { tools: readonly Tool[]; trained: readonly Span[]; longest: number }) {
  const current = tools.find((one) => one.id === tool.value) ?? tools[0];
  if (!current) return null;
  return (
    <Panel title="Make">
      <div class="t-stack">
        <fieldset class="rec-tools">
          <legend class="t-unseen">What to make</legend>
          {tools.map((one) => (
            <label key={one.id} class="rec-tool" data-chosen={one === current || undefined}>
              <input type="radio" name="rec-tool" checked={one === current} onChange={() => choose(one.id)} />
              {one.name}
            </label>
          ))}
        </fieldset>
        <p class="t-soft">{current.says}</p>
        <Form id={current.id} trained={trained} longest={longest} />
        <Make tool={current} />
      </div>
    </Panel>
  );
}

function choose(id: ToolId): void {
  tool.value = id;
  if (id !== "inpaint" && mode.value === "hole") mode.value = "play";
}

function Form({ id, trained, longest }: { id: ToolId; trained: readonly Span[]; longest: number }) {
  const now = settings.value;
  switch (id) {
    case "inpaint": return <Inpaint trained={trained} />;
    case "vary": return (
      <>
        <Slider label="How far" value={now.amount} format={(value) => `${Math.round(value * 100)} %`} initial={0.5} onInput={(amount) => set({ amount })} />
        <NumberField label="Keep the beginning" unit="s" min={0} max={longest} step={0.1} value={now.keep_s} onChange={(keep_s) => set({ keep_s })} hint="Best with 100 %: the rest is then wholly new." />
        <FileSlot label="A guide whose structure is followed" none="No guide: the recording itself" value={now.guide} onChange={(guide) => set({ guide })} />
      </>
    );
    case "continue": return <NumberField label="Seconds to go on" unit="s" min={0.5} max={600} step={0.5} value={now.seconds} onChange={(seconds) => set({ seconds })} />;
    case "generate": return <NumberField label="Length" unit="s" min={0} max={3600} step={0.5} value={now.piece_s} onChange={(piece_s) => set({ piece_s })} hint="0 makes them as long as the recording." />;
    case "extend": return (
      <>
        <FileSlot label="The dull sound" none="Choose a file" value={now.file} onChange={(file) => set({ file })} />
        <NumberField label="Whole up to" unit="Hz" min={0} max={200_000} step={10} value={now.known_hz} onChange={(known_hz) => set({ known_hz })} hint="0 takes nearly half the file's sample rate." />
      </>
    );
    case "denoise": return (
      <>
        <FileSlot label="The noisy sound" none="Choose a file" value={now.file} onChange={(file) => set({ file })} />
        <Slider label="How much of the noise" value={now.strength} initial={1} format={(value) => `${Math.round(value * 100)} %`} onInput={(strength) => set({ strength })} />
      </>
    );
  }
}

function Inpaint({ trained }: { trained: readonly Span[] }) {
  const options = [{ value: "", label: "The recording" }, ...files.value.map((one) => ({ value: one.sound, label: one.name }))];
  return (
    <>
      {files.value.length > 0 && <Select label="Holes of" value={target.value ?? ""} options={options} onChange={(sound) => { target.value = sound || null; holes.value = []; }} />}
      <HoleList trained={target.value === null ? trained : []} />
    </>
  );
}

/** How many, with which seed, and the button. The next proposals get the next seeds. */
function Make({ tool: { id, makes } }: { tool: Tool }) {
  const [busy, setBusy] = useState(false);
  const now = settings.value;
  const wish = wishOf(id, { instrument: owner.value, holes: holes.value, target: target.value }, now);
  const isSingle = id === "extend" || id === "denoise";
  const start = async (): Promise<void> => {
    if (!wish) return;
    setBusy(true);
    try {
      await startJob(wish);
      set({ seed: now.seed + 1 });
    } catch (thrown) {
      toastError(thrown);
    }
    setBusy(false);
  };
  return (
    <>
      <div class="rec-make">
        {!isSingle && <NumberField label="Proposals" min={1} max={64} value={now.count} onChange={(count) => set({ count })} />}
        <div class="rec-seed">
          <NumberField label="Seed" min={0} max={2 ** 32 - 1} value={now.seed} onChange={(seed) => set({ seed })} />
          <IconButton icon="dice" label="Any seed" onClick={() => set({ seed: Math.floor(Math.random() * 1e6) })} />
        </div>
      </div>
      <Button kind="go" icon="recording" busy={busy} disabled={!wish} onClick={() => void start()}>{makes}</Button>
      <p class="t-hint rec-missing" role="status">{wish ? "" : missing(id)}</p>
    </>
  );
}
