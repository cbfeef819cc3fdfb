import { useEffect, useState } from "preact/hooks";
import type { Instrument } from "../../api/models";
import { toWav } from "../../audio/wav";
import { localUrl } from "../../audio/engine";
import { saveAs } from "../../audio/drag";
import { Button } from "../../design/Button";
import { Menu } from "../../design/Menu";
import { several } from "../../design/numbers";
import { NumberField } from "../../design/NumberField";
import { Slider } from "../../design/Slider";
import { toast, toastError } from "../../state/toasts";
import { bounce } from "./bounce";
import { machineOf, type Machine } from "./machine";
import { PadGrid } from "./PadGrid";
import { basicBeat, cleared, hasSteps, PADS } from "./pattern";
import { StepGrid } from "./StepGrid";

/** Sixteen pads, and sixteen steps that strike them. */
export function Drums({ about }: { about: Instrument }) {
  const machine = machineOf(about.name);
  useEffect(() => {
    void machine.ready();
    return () => machine.stop();
  }, [machine]);
  return (
    <div class="play-drums">
      <PadGrid machine={machine} about={about} />
      <div class="play-steps">
        <Transport machine={machine} />
        <StepGrid machine={machine} />
        <Foot machine={machine} />
        <p class="t-hint">Click a step to set it, drag up or down for its strength. By key: arrows move, Space sets, + and − change the strength.</p>
      </div>
    </div>
  );
}

function Transport({ machine }: { machine: Machine }) {
  const pattern = machine.pattern.value;
  const running = machine.running.value;
  return (
    <div class="play-transport">
      <Button icon={running ? "stop" : "play"} pressed={running} title="Start or stop the steps (B)" onClick={() => (running ? machine.stop() : void machine.begin())}>
        {running ? "Stop" : "Start"}
      </Button>
      <div class="play-tempo"><NumberField label="Tempo" inline value={pattern.tempo} min={40} max={240} step={1} unit="bpm" onChange={(tempo) => machine.set({ ...machine.pattern.value, tempo })} /></div>
      <div class="play-swing">
        <Slider label="Swing" value={pattern.swing} min={0.5} max={0.75} step={0.01} initial={0.5} format={(value) => `${Math.round(value * 100)} %`} onInput={(swing) => machine.set({ ...machine.pattern.value, swing })} />
      </div>
      <div class="play-tracks"><NumberField label="Tracks" inline value={pattern.tracks} min={4} max={PADS} step={1} onChange={(tracks) => machine.set({ ...machine.pattern.value, tracks })} /></div>
    </div>
  );
}

function Foot({ machine }: { machine: Machine }) {
  const pattern = machine.pattern.value;
  return (
    <div class="t-row" data-wrap>
      <Button onClick={() => machine.set(hasSteps(pattern) ? cleared(pattern) : basicBeat(pattern))}>{hasSteps(pattern) ? "Clear the steps" : "Begin with a beat"}</Button>
      <Export machine={machine} />
    </div>
  );
}

function Export({ machine }: { machine: Machine }) {
  const [busy, setBusy] = useState(false);
  const save = async (bars: number, tail: boolean): Promise<void> => {
    setBusy(true);
    try {
      const pattern = machine.pattern.value;
      const name = `${machine.instrument} ${Math.round(pattern.tempo)} bpm.wav`;
      saveAs(localUrl(toWav(await bounce(pattern, bars, tail))), name);
      toast(`${several(bars, "bar")} saved as ${name}`, { kind: "good" });
    } catch (thrown) {
      toastError(thrown);
    } finally {
      setBusy(false);
    }
  };
  const isSilent = !hasSteps(machine.pattern.value) || !machine.pattern.value.pads.some(Boolean);
  const items = [1, 2, 4, 8].map((bars) => ({ label: `${several(bars, "bar")}, to be looped`, onSelect: () => void save(bars, false) }));
  return <Menu label="Save as WAV" icon="download" disabled={busy || isSilent} items={[...items, "-", { label: "4 bars, ringing out", onSelect: () => void save(4, true) }]} />;
}
