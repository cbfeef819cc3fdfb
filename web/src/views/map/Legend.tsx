import { IconButton } from "../../design/IconButton";
import { count } from "../../design/numbers";
import { Segmented } from "../../design/Tabs";
import { soloed, toggled, type Classes, type Colouring } from "./colouring";
import { Glyph } from "./Glyph";
import { colouring, hidden, setColouring } from "./desk";

const CHOICES = [
  { id: "pitch", label: "Pitch" },
  { id: "length", label: "Length" },
  { id: "level", label: "Level" },
] as const;

/** What the colours mean. A click shows one line alone; its cross hides it. */
export function Legend({ classes, heading }: { classes: Classes; heading: string }) {
  const gone = hidden.value;
  const all = classes.entries.length;
  const name = heading ? heading.charAt(0).toUpperCase() + heading.slice(1) : "Label";
  const set = (next: ReadonlySet<number>): void => { hidden.value = next; };
  return (
    <section class="map-legend" aria-label="Colours">
      <Segmented<Colouring> label="Colour by" choices={[{ id: "group", label: name }, ...CHOICES]} current={colouring.value} onChange={setColouring} />
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
