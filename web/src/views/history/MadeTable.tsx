import { useCallback } from "preact/hooks";
import { dragOut } from "../../audio/drag";
import { nowPlaying, play, toggle } from "../../audio/engine";
import { Icon } from "../../design/Icon";
import { clock } from "../../design/numbers";
import { VirtualTable, type Column } from "../../design/VirtualTable";
import { toastError } from "../../state/toasts";
import { altered, asItIs, current, everything, going, page, query, selected, urlOf, verdictOf } from "./list";
import { ofLabel, type Made } from "./names";
import { kindInWords, whenInWords } from "./telling";

const COLUMNS: readonly Column<Made>[] = [
  { id: "name", title: "Name", width: "minmax(10rem, 2fr)", cell: (row) => <Name made={asItIs(row)} /> },
  { id: "label", title: "Label", width: "minmax(5rem, 1fr)", cell: (row) => ofLabel(row), from: 640 },
  { id: "kind", title: "Made by", width: "minmax(7rem, 1fr)", cell: (row) => kindInWords(row.kind), from: 900 },
  { id: "instrument", title: "Instrument", width: "minmax(5rem, .8fr)", cell: (row) => row.instrument, from: 520 },
  { id: "length", title: "Length", width: "4.5rem", numeric: true, cell: (row) => clock(row.duration_s, true) },
  { id: "distance", title: "Distance", width: "4.75rem", numeric: true, cell: (row) => (typeof row.distance === "number" ? row.distance.toFixed(2) : "…"), from: 460 },
  { id: "when", title: "When", width: "7rem", cell: (row) => whenInWords(row.created_s), from: 760 },
];

export interface MadeTableProps {
  total: number;
  version: number;
  playsOnFocus: boolean;
}

export function MadeTable({ total, version, playsOnFocus }: MadeTableProps) {
  const asked = query.value;
  const fetchPage = useCallback(async (from: number, count: number, _: unknown, signal: AbortSignal) => (await page(asked, from, count, signal)).made, [asked]);
  // Read, so that rows are drawn again when one of these changes.
  void [altered.value, nowPlaying.value];
  const focus = (row: Made): void => {
    current.value = asItIs(row);
    if (playsOnFocus) void play(urlOf(row.sound), { solo: true }).catch(toastError);
  };
  const chooseAll = (all: boolean): void => {
    if (!all) selected.value = new Set();
    else everything(asked).then((every) => { selected.value = new Set(every.map((made) => made.id)); }, toastError);
  };
  return (
    <div class="hist-table">
      <VirtualTable<Made>
        label="Sounds that were made" rowCount={total} columns={COLUMNS} fetchPage={fetchPage} rowKey={(row) => row.id} version={version}
        selected={selected.value} onSelect={(next) => { selected.value = next; }} onSelectAll={chooseAll}
        onFocusRow={focus} onActivate={(row) => void toggle(urlOf(row.sound)).catch(toastError)}
        onDragStart={(event, row) => dragOut(event, urlOf(row.sound), `${asItIs(row).name}.wav`)}
        rowMark={(row) => (going.value.has(row.id) ? "going" : asItIs(row).rejected ? "rejected" : undefined)}
        empty={<p class="hist-none t-soft">Nothing is found. Other words, or another choice above, find more.</p>}
      />
    </div>
  );
}

const SAID = { star: "Kept", reject: "Rejected" } as const;

function Mark({ made }: { made: Made }) {
  const verdict = verdictOf(made);
  if (!verdict) return null;
  return <span class="hist-mark" data-verdict={verdict}><Icon name={verdict} size={0.9375} filled={verdict === "star"} /><span class="t-unseen">{SAID[verdict]}</span></span>;
}

function Name({ made }: { made: Made }) {
  const plays = nowPlaying.value === urlOf(made.sound);
  return <><span class="hist-mark-place"><Mark made={made} /></span><span class="hist-name" data-playing={plays || undefined} title={made.name}>{made.name}</span></>;
}
