import { useEffect, useState } from "preact/hooks";
import type { Made } from "../../api/types";
import { Button } from "../../design/Button";
import { EmptyState } from "../../design/EmptyState";
import { LineChart } from "../../design/LineChart";
import { count } from "../../design/numbers";
import { Panel } from "../../design/Panel";
import { Select } from "../../design/Select";
import { route, setParams } from "../../state/route";
import { useShortcuts } from "../../state/shortcuts";
import { toastError } from "../../state/toasts";
import { instruments } from "../../state/workspace";
import { soundUrl } from "../sounds/refs";
import { deck, make, match, SEEDS, SIDES, type Matched, type Side } from "./compare";
import { Pairs } from "./Pairs";
import { measures, spansDecades, together, type Run } from "./course";
import { useTraining } from "./store";

/** Two instruments by ear, with the same seeds at the same loudness, and their losses over each other. */
export function Compare() {
  const able = instruments.value.filter((one) => one.abilities?.includes("generate") && !one.problem);
  const { a: askedA, b: askedB } = route.value.params;
  const a = able.find((one) => one.name === askedA) ?? able[0];
  const b = able.find((one) => one.name === askedB && one !== a) ?? able.find((one) => one !== a);
  if (!a || !b) {
    const start = <Button kind="go" icon="plus" onClick={() => setParams({ tab: "new" })}>Train another</Button>;
    return <EmptyState icon="judge" title="Two instruments are needed" actions={start}>Train a second one, with another recipe, more time or other sounds. Both then play the same seeds, and you switch between them.</EmptyState>;
  }
  const options = able.map((one) => ({ value: one.name, label: one.name }));
  const choose = (side: Side, name: string): void => {
    const other = side === "a" ? b.name : a.name;
    setParams(name === other ? { a: b.name, b: a.name } : { [side]: name });
  };
  return (
    <div class="t-stack">
      <div class="train-versus">
        <Select label="A" value={a.name} options={options} onChange={(name) => choose("a", name)} />
        <Select label="B" value={b.name} options={options} onChange={(name) => choose("b", name)} />
      </div>
      <ByEar key={`${a.name}\u0000${b.name}`} names={[a.name, b.name]} labels={(a.labels ?? []).filter((one) => b.labels?.includes(one))} />
      <Losses names={[a.name, b.name]} />
    </div>
  );
}

function ByEar({ names, labels }: { names: readonly [string, string]; labels: readonly string[] }) {
  const [label, setLabel] = useState("");
  const [seed, setSeed] = useState(0);
  const [side, setSide] = useState<Side>("a");
  const [pair, setPair] = useState<Record<Side, Made> | null>(null);
  const [matched, setMatched] = useState<Matched | null>(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => () => deck.pause(), []);

  const hear = async (which: Side, from: number, anew: boolean): Promise<void> => {
    setSide(which);
    setSeed(from);
    if (!anew && pair) return deck.playing.value ? deck.choose(soundUrl(pair[which].sound)) : deck.play(soundUrl(pair[which].sound), 0);
    setBusy(true);
    try {
      const ask = (name: string) => make({ instrument: name, label, seconds: null, seed: from });
      const made = { a: await ask(names[0]), b: await ask(names[1]) };
      setPair(made);
      setMatched(await match(made));
      await deck.play(soundUrl(made[which].sound), 0);
    } catch (thrown) {
      toastError(thrown);
    }
    setBusy(false);
  };
  const other = (): Side => (side === "a" ? "b" : "a");
  const move = (by: number): void => void hear(side, (seed + by + SEEDS.length) % SEEDS.length, true);
  useShortcuts("Compare", [
    { keys: "x", says: "Switch between A and B", run: () => void hear(other(), seed, !pair) },
    { keys: "a", says: "Hear A", run: () => void hear("a", seed, !pair) },
    { keys: "b", says: "Hear B", run: () => void hear("b", seed, !pair) },
    { keys: "space", says: "Play or stop", run: () => (deck.playing.value ? deck.pause() : void hear(side, seed, !pair)) },
    { keys: "arrowdown", says: "The next seed", run: () => move(1) },
    { keys: "arrowup", says: "The seed before", run: () => move(-1) },
  ]);
  const actions = labels.length > 0 && (
    <div class="train-measure"><Select label="Label" hideLabel value={label} options={[{ value: "", label: "Any label" }, ...labels.map((one) => ({ value: one, label: one }))]} onChange={(one) => { setLabel(one); setPair(null); setMatched(null); deck.pause(); }} /></div>
  );
  return (
    <Panel title="By ear" actions={actions}>
      <Pairs names={names} label={label} seed={seed} side={side} busy={busy} onHear={(which, from) => void hear(which, from, from !== seed || !pair)} />
      <p class="t-hint" role="status">{tellMatch(names, matched)}</p>
    </Panel>
  );
}

function tellMatch(names: readonly [string, string], matched: Matched | null): string {
  const rule = "Both sides of a pair are played equally loud: by ITU-R BS.1770-4 (LUFS), the louder one is turned down. Keys: X switches, up and down change the seed.";
  const turned = SIDES.map((one, at) => ({ name: names[at], down: matched?.down[one] ?? 0 })).find((one) => one.down >= 0.05);
  return turned ? `${rule} Now ${turned.name} is turned down by ${turned.down.toFixed(1)} dB.` : rule;
}

/** The validation losses of both over each other. Different recipes measure different things; that is said. */
function Losses({ names }: { names: readonly [string, string] }) {
  const [one, other] = [useTraining(names[0]).value, useTraining(names[1]).value];
  const [measure, setMeasure] = useState("loss");
  const runs: Run[] = [one, other].filter((run) => run !== null).map((run) => ({ name: run.name, columns: run.history.columns }));
  const shared = measures(runs[0]?.columns ?? {}).filter((a) => measures(runs[1]?.columns ?? {}).some((b) => b.id === a.id));
  const current = shared.find((own) => own.id === measure) ?? shared[0];
  const { x, curves } = current && runs.length === 2 ? together(runs, current.id) : { x: [], curves: [] };
  const actions = shared.length > 1 && current && (
    <div class="train-measure"><Select label="What is shown" hideLabel value={current.id} options={shared.map((own) => ({ value: own.id, label: own.name }))} onChange={setMeasure} /></div>
  );
  return (
    <Panel title="Their losses" actions={actions}>
      {x.length > 0 ? (
        <LineChart
          key={`${names.join()} ${current?.id}`} data={[x, ...curves.map((curve) => [...curve.values])]} lines={curves.map((curve) => ({ name: curve.name }))} logarithmic={spansDecades(curves)}
          xName="Step" formatX={count} label={`${current?.name} of ${names.join(" and ")}, on sounds that neither has seen.`}
        />
      ) : <p class="t-soft train-chart-wait">{runs.length < 2 ? "Their courses are read." : "They have no measure in common."}</p>}
      {one && other && one.recipe !== other.recipe && <p class="t-hint">They have different recipes ({one.recipe} and {other.recipe}), which may measure loss differently: compare how the curves bend, not how high they lie.</p>}
    </Panel>
  );
}
