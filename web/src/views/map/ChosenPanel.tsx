import { useEffect, useRef, useState } from "preact/hooks";
import { Button } from "../../design/Button";
import { TextField } from "../../design/Field";
import { IconButton } from "../../design/IconButton";
import { several } from "../../design/numbers";
import { toastError } from "../../state/toasts";
import { setLabel } from "../sounds/labelling";
import { findAlike } from "./alike";
import { colourOf, type Cloud } from "./cloud";
import { choose, chosen, chosenAs, cloud, inHand, panel, plot, tray } from "./desk";
import { ingredientOf } from "./InHand";
import { hearPoint, playThrough, stopThrough } from "./making";
import { MOST, withIngredient } from "./mixing";

const SHOWN = 200;

/** Sounds in the lasso, or those that are like one. */
export function ChosenPanel() {
  const [map, indices] = [cloud.value, chosen.value];
  if (!map || !indices) return <p class="t-hint">Hold Shift and draw around sounds, or choose the lasso.</p>;
  return <Chosen key={chosenAs.value} map={map} indices={indices} />;
}

function Chosen({ map, indices }: { map: Cloud; indices: readonly number[] }) {
  const [heard, setHeard] = useState(-1);
  const [isRunning, setRunning] = useState(false);
  const mounted = useRef(true);
  useEffect(() => () => { mounted.current = false; stopThrough(); }, []);
  const through = async (): Promise<void> => {
    if (isRunning) return stopThrough();
    setRunning(true);
    await playThrough(indices, (index) => { if (mounted.current) setHeard(index); });
    if (mounted.current) setRunning(false);
  };
  const corners = (): void => {
    tray.value = spread(indices, MOST).reduce((all, index) => withIngredient(all, ingredientOf(map, index)), [] as typeof tray.value);
    panel.value = "mix";
  };
  const first = indices[0] ?? 0;
  return (
    <div class="t-stack">
      <div class="t-row">
        <strong class="t-grow">{several(indices.length, "sound")} {chosenAs.value}</strong>
        <Button size="s" kind="quiet" onClick={() => choose(null)}>Choose none</Button>
      </div>
      <div class="t-row" data-wrap>
        <Button size="s" icon={isRunning ? "stop" : "play"} onClick={() => void through()}>{isRunning ? "Stop" : "Play through"}</Button>
        <Button size="s" icon="search" onClick={() => void findAlike(map.sounds[first] ?? "", map.names[first] ?? "")}>Find alike</Button>
        <Button size="s" icon="plus" onClick={corners}>As corners of a mix</Button>
        <Button size="s" kind="quiet" icon="fit" onClick={() => plot.current?.show(spread(indices, 2000))}>Show</Button>
      </div>
      <LabelThem map={map} indices={indices} />
      <ul class="map-chosen">
        {indices.slice(0, SHOWN).map((index) => (
          <li key={index} data-playing={heard === index || undefined}>
            <IconButton icon="play" size="s" label={`Play ${map.names[index]}`} onClick={() => void hearPoint(index)} />
            <span class="t-dot" style={{ background: colourOf(map, index) ?? "" }} aria-hidden="true" />
            <button type="button" class="map-name t-clip" title={map.names[index]} onClick={() => { inHand.value = { kind: "point", index }; void hearPoint(index); }}>{map.names[index]}</button>
          </li>
        ))}
      </ul>
      {indices.length > SHOWN && <p class="t-hint">The first {SHOWN} are listed; all of them are chosen.</p>}
    </div>
  );
}

/** Some of many, spread evenly. */
function spread(indices: readonly number[], most: number): number[] {
  if (indices.length <= most) return [...indices];
  return Array.from({ length: most }, (_, at) => indices[Math.round((at * (indices.length - 1)) / (most - 1))]!);
}

function LabelThem({ map, indices }: { map: Cloud; indices: readonly number[] }) {
  const [label, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const save = async (): Promise<void> => {
    const sounds = [...new Set(indices.map((index) => map.sounds[index] ?? "").filter(Boolean))];
    setBusy(true);
    try {
      await setLabel({ sounds, words: "", label_is: null, every: false, label: label.trim() });
      setText("");
    } catch (thrown) {
      toastError(thrown);
    }
    setBusy(false);
  };
  return (
    <div class="map-labelling">
      <TextField label="Label them all" hideLabel placeholder="Label them all" value={label} onInput={setText} onEnter={() => { if (label.trim()) void save(); }} />
      <Button icon="tag" busy={busy} disabled={!label.trim()} onClick={() => void save()}>Label</Button>
    </div>
  );
}
