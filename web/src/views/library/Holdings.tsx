import { useCallback, useEffect, useState } from "preact/hooks";
import type { Job, LibrarySound, State } from "../../api/types";
import { Dialog } from "../../design/Dialog";
import { several } from "../../design/numbers";
import type { Sort } from "../../design/pages";
import { ViewFrame } from "../../design/ViewFrame";
import { useShortcuts } from "../../state/shortcuts";
import { remember, remembered } from "../../state/storage";
import { changes } from "../../state/workspace";
import { AddSounds, Sent } from "./AddSounds";
import { AlikeBar, AlikePanel } from "./Alike";
import { DuplicatesDialog } from "./Duplicates";
import { Focus } from "./Focus";
import { Journey } from "./Journey";
import type { Step } from "./journey";
import { LabelDialog, LabelFilter } from "./Labels";
import { endSearch, findAlike, searching } from "./likeness";
import { useListing, useStill } from "./listing";
import { EVERYTHING, everyRow, FIRST_SORT, type Question } from "./questions";
import { RefusedDialog } from "./Refused";
import { ScanStrip } from "./ScanStrip";
import { MatchTable, SoundTable } from "./SoundTable";
import { HeadTools, Tools } from "./Tools";
import { Warnings } from "./Warnings";

const NONE: ReadonlySet<string> = new Set();
type Open = "add" | "labels" | "refused" | "duplicates" | null;

interface HoldingsProps {
  library: NonNullable<State["library"]>;
  steps: readonly Step[];
  scan: Job | null;
}

/** A library that holds something: its table, and all that is done with it. */
export function Holdings({ library, steps, scan }: HoldingsProps) {
  const [question, setQuestion] = useState<Question>(EVERYTHING);
  const [sort, setSort] = useState<Sort>(FIRST_SORT);
  const [selected, setSelected] = useState<ReadonlySet<string>>(NONE);
  const [every, setEvery] = useState(false);
  const [row, setRow] = useState<LibrarySound | null>(null);
  const [playOnHover, setPlayOnHover] = useState(remembered("library.hover") === "on");
  const [open, setOpen] = useState<Open>(null);
  const [journeyOpen, setJourneyOpen] = useState(remembered("library.journey") !== "closed");
  const version = changes.library.value;
  const still = useStill(question);
  const listing = useListing(still, sort, version);
  const search = searching.value;

  const none = (): void => { setSelected(NONE); setEvery(false); };
  useEffect(none, [still, search?.wanted.sound]);
  useEffect(() => () => endSearch(), []);
  const alike = useCallback((of: LibrarySound) => void findAlike({ sound: of.sound, name: of.name, durationS: of.duration_s }), []);
  const close = (): void => setOpen(null);
  const ask = (next: Question): void => { endSearch(); setQuestion(next); };

  const chosen = every ? everyRow(listing.total ?? 0) : selected;
  const select = (next: ReadonlySet<string>): void => { setEvery(false); setSelected(next); };
  const common = { selected: chosen, onSelect: select, playOnHover, onFocus: setRow, onAlike: alike };
  const which = every
    ? { sounds: [], words: still.words.trim(), label_is: still.label, every: true }
    : { sounds: [...selected], words: "", label_is: null, every: false };

  useShortcuts("Library", [
    { keys: "/", says: "Search by words", run: () => document.querySelector<HTMLInputElement>(".lib-words input")?.focus() },
    { keys: "a", says: "Find sounds like the one in hand", run: () => { if (row) alike(row); } },
    { keys: "l", says: "Label the chosen sounds", run: () => { if (chosen.size) setOpen("labels"); } },
    { keys: "h", says: "Play on hover, or not", run: () => hover(!playOnHover) },
    { keys: "n", says: "Add sounds", run: () => setOpen("add") },
  ]);
  const hover = (on: boolean): void => { setPlayOnHover(on); remember("library.hover", on ? "on" : "off"); };

  return (
    <ViewFrame
      title="Library" fill lead={`${several(library.count, "sound")}, ${library.hours < 1 ? `${Math.max(1, Math.round(library.hours * 60))} min` : `${library.hours.toFixed(1)} h`}`}
      actions={<HeadTools library={library} command={listing.command} onOpen={setOpen} />}
      side={<>
        <LabelFilter
          labels={library.labels} chosen={search ? search.label : question.label}
          onChoose={(label) => { if (search) void findAlike(search.wanted, search.aspect, label); else ask({ ...question, label }); }}
        />
        <AlikePanel />
        <Warnings library={library} />
      </>}
    >
      {journeyOpen && steps.some((step) => !step.done) && <Journey steps={steps} onClose={() => { setJourneyOpen(false); remember("library.journey", "closed"); }} />}
      <ScanStrip scan={scan} onSkipped={() => setOpen("refused")} />
      <Sent />
      <div class="lib-box">
        {search
          ? <AlikeBar search={search} />
          : <Tools question={question} total={listing.total} onAsk={ask} playOnHover={playOnHover} onHover={hover} />}
        <div class="lib-table">
          {search
            ? <MatchTable {...common} matches={search.found?.matches ?? null} />
            : <SoundTable {...common} listing={listing} sort={sort} version={version} onSort={setSort} onSelectAll={(all) => { setSelected(NONE); setEvery(all); }} />}
        </div>
        <Chosen count={chosen.size} onLabel={() => setOpen("labels")} onNone={none} />
        <Focus row={row} onAlike={alike} />
      </div>
      <Dialog open={open === "add"} title="Add sounds" wide onClose={close}><AddSounds onBegun={close} /></Dialog>
      <LabelDialog open={open === "labels"} sounds={chosen.size} which={which} known={Object.keys(library.labels).filter(Boolean)} onClose={close} onDone={() => { close(); none(); }} />
      <RefusedDialog open={open === "refused"} onClose={close} />
      <DuplicatesDialog open={open === "duplicates"} onClose={close} />
    </ViewFrame>
  );
}

function Chosen({ count, onLabel, onNone }: { count: number; onLabel: () => void; onNone: () => void }) {
  if (!count) return null;
  return (
    <div class="lib-chosen" role="status">
      <span class="t-grow">{several(count, "sound")} chosen</span>
      <button type="button" class="lib-link" onClick={onLabel}>Label</button>
      <button type="button" class="lib-link" onClick={onNone}>Choose none</button>
    </div>
  );
}
