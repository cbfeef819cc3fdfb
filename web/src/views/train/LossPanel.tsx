import { useMemo, useState } from "preact/hooks";
import type { Training } from "../../api/types";
import { LineChart } from "../../design/LineChart";
import { count } from "../../design/numbers";
import { Panel } from "../../design/Panel";
import { Select } from "../../design/Select";
import { events, measures, spansDecades, stepsOf, told } from "./course";

const HEIGHT = 230;

/** The loss as it falls, on what it learns from and on what it never saw; a recording is all that there is to judge by. */
export function LossPanel({ training, isOfRecordings }: { training: Training | null; isOfRecordings: boolean }) {
  const columns = training?.history.columns ?? {};
  const all = useMemo(() => measures(columns, isOfRecordings), [columns, isOfRecordings]);
  const [id, setId] = useState("loss");
  const measure = all.find((one) => one.id === id) ?? all[0];
  const data = useMemo(() => (measure ? ([stepsOf(columns), ...measure.curves.map((curve) => [...curve.values])] as [number[], ...(number | null)[][]]) : null), [columns, measure]);
  const happened = events(columns);
  const choose = all.length > 1 && measure && (
    <div class="train-measure"><Select label="What is shown" hideLabel value={measure.id} options={all.map((one) => ({ value: one.id, label: one.name }))} onChange={setId} /></div>
  );
  return (
    <Panel title="How it learns" actions={choose}>
      {measure && data && data[0].length > 1 ? (
        <LineChart
          key={measure.id} label={measure.curves.map(told).join(" ")} data={data} height={HEIGHT} xName="Step" formatX={count}
          logarithmic={spansDecades(measure.curves)} lines={measure.curves.map((curve, at) => ({ name: curve.name, dashed: at > 0 }))}
        />
      ) : <p class="t-soft train-chart-wait">{measure ? `${told(measure.curves[0])} The curve comes with the next.` : "The first figures come after some steps."}</p>}
      {happened.length > 0 && <ul class="train-events">{happened.map((one) => <li key={`${one.step} ${one.text}`}>Step {count(one.step)}: {one.text}</li>)}</ul>}
    </Panel>
  );
}
