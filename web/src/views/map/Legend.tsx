import { useMemo } from "preact/hooks";
import { IconButton } from "../../design/IconButton";
import { count } from "../../design/numbers";
import { Segmented, type Choice } from "../../design/Tabs";
import { soloed, toggled, type Classes, type Colouring } from "./colouring";
import type { Cloud } from "./cloud";
import { Glyph } from "./Glyph";
import { colouring, hidden, setColouring } from "./desk";

/** What can be coloured by; what is known of no sound is not offered. */
function choicesOf(map: Cloud): Choice<Colouring>[] {
  const isKnown = (values: readonly (number | null)[]): boolean => values.some((value) => value !== null);
  const name = map.heading ? map.heading.charAt(0).toUpperCase() + map.heading.slice(1) : "Label";
  return [
    { id: "group", label: name },
    { id: "pitch", label: "Pitch", disabled: !isKnown(map.pitches) },
    { id: "length", label: "Length", disabled: !isKnown(map.lengthsS) },
    { id: "level", label: "Level", disabled: !isKnown(map.levels) },
  ];
}

/** What the colours mean. A click shows one line alone; its cross hides it. */
export function Legend({ classes, map }: { classes: Classes; map: Cloud }) {
  const gone = hidden.value;
  const all = classes.entries.length;
  const choices = useMemo(() => choicesOf(map), [map]);
  const set = (next: ReadonlySet<number>): void => { hidden.value = next; };
  return (
    <section class="map-legend" aria-label="Colours">
      <Segmented<Colouring> label="Colour by" choices={choices} current={colouring.value} onChange={setColouring} />
      <ul>
        {classes.entries.map((entry, at) => (entry.count > 0 ? (
          <li key={`${entry.name} ${at}`} data-hidden={gone.has(at) || undefined}>
            <button type="button" class="map-legend-entry" aria-pressed={gone.size > 0 && !gone.has(at)} onClick={() => set(soloed(gone, at, all))} title={`Show ${entry.name} alone, or all again`}>
              <Glyph shape={classes.isScale ? 0 : at} colour={entry.colour} />
              <span class="t-clip">{entry.name}</span>
              <span class="t-soft">{count(entry.count)}</span>
            </button>
            <IconButton icon={gone.has(at) ? "plus" : "close"} size="s" label={gone.has(at) ? `Show ${entry.name}` : `Hide ${entry.name}`} onClick={() => set(toggled(gone, at, all))} />
          </li>
        ) : null))}
      </ul>
    </section>
  );
}
