import { IconButton } from "../../design/IconButton";
import { clock, hertz } from "../../design/numbers";
import type { Made } from "./names";
import { distanceInWords, inShort, kindInWords, parentsOf, settingsOf, whenInWords, type Parent } from "./telling";

/** Who made a sound, of what, and how. */
export function Provenance({ made, onCopySeed }: { made: Made; onCopySeed: () => void }) {
  const parents = parentsOf(made);
  return (
    <>
      <dl class="hist-facts">
        <Fact name="Instrument">{made.instrument}</Fact>
        <Fact name="Made by">{kindInWords(made.kind)}, {whenInWords(made.created_s)}</Fact>
        <Fact name="Seed"><span class="hist-seed"><code>{made.seed}</code><IconButton icon="copy" size="s" label="Copy the seed" onClick={onCopySeed} /></span></Fact>
        <Fact name="Sound">{clock(made.duration_s, true)} at {hertz(made.sample_rate)}</Fact>
        <Fact name="Distance">{distanceInWords(made.distance)}</Fact>
        {made.note && <Fact name="Note">{made.note}</Fact>}
        {settingsOf(made).map(([name, value]) => <Fact key={name} name={name}>{value}</Fact>)}
      </dl>
      {parents.length > 0 && (
        <section aria-label="Made of">
          <h3>Made of</h3>
          <ul class="hist-parents">{parents.map((parent, at) => <Share key={at} parent={parent} />)}</ul>
        </section>
      )}
    </>
  );
}

function Fact({ name, children }: { name: string; children: preact.ComponentChildren }) {
  return <><dt>{name}</dt><dd>{children}</dd></>;
}

function Share({ parent }: { parent: Parent }) {
  const { name, label, weight } = parent;
  return (
    <li class="hist-parent">
      <span class="t-clip" title={name}>{inShort(name)}</span>
      {label && <span class="t-soft t-small t-clip">{label}</span>}
      {weight !== null && <span class="hist-weight"><span class="hist-weight-fill" style={{ width: `${Math.min(100, Math.max(0, weight * 100))}%` }} aria-hidden="true" /></span>}
      <span class="t-number t-small">{weight === null ? "" : `${Math.round(weight * 100)} %`}</span>
    </li>
  );
}
