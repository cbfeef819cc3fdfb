import { Button } from "../../design/Button";
import { IconButton } from "../../design/IconButton";
import { Slider } from "../../design/Slider";
import { busy, tray } from "./desk";
import { pickMix } from "./making";
import { formula, LETTERS, MOST, recipesFor, trouble, withWeight, without } from "./mixing";

/** Arithmetic on sounds: up to four, each with a weight. */
export function Mix() {
  const items = tray.value;
  const wrong = trouble(items);
  if (!items.length)
    return <p class="t-hint">Put up to four sounds or places in with T, or with “Into the mix”. Weights below 0 take a sound away: A − B + C.</p>;
  const sums = recipesFor(items.length);
  return (
    <div class="t-stack">
      <ol class="map-tray">
        {items.map((one, at) => (
          <li key={`${one.sound} ${one.at}`}>
            <div class="t-row">
              <strong aria-hidden="true">{LETTERS[at]}</strong>
              <span class="t-clip t-grow" title={one.name}>{one.name}</span>
              <IconButton icon="close" size="s" label={`Take ${one.name} out`} onClick={() => { tray.value = without(tray.value, at); }} />
            </div>
            <Slider
              label={`Weight of ${LETTERS[at]}`} min={-2} max={3} step={0.05} initial={1} value={one.weight}
              onInput={(weight) => { tray.value = withWeight(tray.value, at, weight); }}
            />
          </li>
        ))}
      </ol>
      {items.length > 1 && (
        <div class="t-row" data-wrap role="group" aria-label="Sums">
          {sums.map((sum) => <Button key={sum.name} size="s" onClick={() => { tray.value = items.map((one, at) => ({ ...one, weight: sum.weights[at] ?? 0 })); }}>{sum.name}</Button>)}
        </div>
      )}
      <div class="t-row">
        <Button kind="go" icon="play" disabled={wrong !== ""} busy={busy.value > 0} onClick={(event) => void pickMix(event.timeStamp)}>Hear the mix</Button>
        <span class="map-formula t-grow" role="status">{wrong || formula(items)}</span>
        <Button size="s" kind="quiet" onClick={() => { tray.value = []; }}>Empty</Button>
      </div>
      {items.length === MOST && <p class="t-hint">Four at most: another takes the first one’s place.</p>}
    </div>
  );
}
