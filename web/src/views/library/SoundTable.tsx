import { useMemo, useRef } from "preact/hooks";
import type { LibrarySound, Match } from "../../api/types";
import { EmptyState } from "../../design/EmptyState";
import type { FetchPage, Sort } from "../../design/pages";
import { VirtualTable } from "../../design/VirtualTable";
import { hear } from "../sounds/hear";
import { matchColumns, soundColumns } from "./columns";
import { dragRow } from "./Focus";
import type { Listing } from "./listing";

const HOVER_MS = 70;

interface Common {
  selected: ReadonlySet<string>;
  onSelect: (selected: ReadonlySet<string>) => void;
  playOnHover: boolean;
  onFocus: (row: LibrarySound) => void;
  onAlike: (row: LibrarySound) => void;
}

interface SoundTableProps extends Common {
  listing: Listing;
  sort: Sort;
  version: number;
  onSort: (sort: Sort) => void;
  onSelectAll: (all: boolean) => void;
}

export function SoundTable({ listing, ...props }: SoundTableProps) {
  const columns = useMemo(() => soundColumns(props.onAlike), [props.onAlike]);
  const events = useHearing(props, (row: LibrarySound) => row);
  return (
    <VirtualTable
      label="Sounds of the library" rowCount={listing.total ?? 0} columns={columns} fetchPage={listing.fetchPage} rowKey={(row) => row.sound}
      sort={props.sort} onSort={props.onSort} selected={props.selected} onSelect={props.onSelect} onSelectAll={props.onSelectAll} version={props.version}
      {...events} empty={listing.total === 0 && <EmptyState icon="search" title="Nothing found">No sound has all of these words in its path, label or group.</EmptyState>}
    />
  );
}

/** What a search by sound found. */
export function MatchTable({ matches, ...props }: Common & { matches: readonly Match[] | null }) {
  const columns = useMemo(() => matchColumns(props.onAlike), [props.onAlike]);
  const fetchPage = useMemo<FetchPage<Match>>(() => async (from, count) => (matches ?? []).slice(from, from + count), [matches]);
  const events = useHearing(props, (match: Match) => match.sound);
  return (
    <VirtualTable
      label="Sounds that are alike" rowCount={matches?.length ?? 0} columns={columns} fetchPage={fetchPage} rowKey={(match) => match.sound.sound}
      selected={props.selected} onSelect={props.onSelect} onSelectAll={(all) => props.onSelect(new Set(all ? (matches ?? []).map((match) => match.sound.sound) : []))}
      {...events} empty={<EmptyState icon="search" title={matches ? "Nothing is like it" : "Listening"}>{matches ? "Search by another aspect." : "Comparing it with the library."}</EmptyState>}
    />
  );
}

/** Rows sound when the focus comes to them, and under the pointer where that is wanted. */
function useHearing<Row>({ playOnHover, onFocus }: Common, soundOf: (row: Row) => LibrarySound) {
  const timer = useRef(0);
  const sound = (row: LibrarySound): void => void hear(row.sound, row.duration_s);
  return {
    onFocusRow: (row: Row) => {
      clearTimeout(timer.current);
      onFocus(soundOf(row));
      sound(soundOf(row));
    },
    onActivate: (row: Row) => sound(soundOf(row)),
    onHoverRow: (row: Row | null) => {
      clearTimeout(timer.current);
      if (playOnHover && row !== null) timer.current = window.setTimeout(() => { onFocus(soundOf(row)); sound(soundOf(row)); }, HOVER_MS);
    },
    onDragStart: (event: DragEvent, row: Row) => dragRow(event, soundOf(row)),
  };
}
