import type { LibrarySound, Match } from "../../api/types";
import type { Column } from "../../design/VirtualTable";
import { keyOf } from "../sounds/hear";
import { labelName, length, level, rate } from "../sounds/words";
import { IconButton } from "../../design/IconButton";
import { nowPlaying } from "../../audio/engine";

/** The columns of the table; the ids are the orders that the server knows. */
export function soundColumns(onAlike: (row: LibrarySound) => void): Column<LibrarySound>[] {
  return [
    { id: "name", title: "Name", width: "minmax(11rem, 3fr)", sortable: true, cell: (row) => <Name row={row} /> },
    { id: "label", title: "Label", width: "minmax(5rem, 1fr)", sortable: true, cell: (row) => <Label label={row.label} /> },
    { id: "duration_s", title: "Length", width: "5rem", numeric: true, sortable: true, from: 430, cell: (row) => length(row.duration_s) },
    { id: "pitch_semitones", title: "Pitch", width: "4rem", numeric: true, sortable: true, from: 520, cell: (row) => row.pitch || <Nothing /> },
    { id: "loudness_lufs", title: "Level (LUFS)", width: "6.5rem", numeric: true, sortable: true, from: 620, cell: (row) => level(row.loudness_lufs) },
    { id: "sample_rate", title: "Rate", width: "6rem", numeric: true, sortable: true, from: 900, cell: (row) => rate(row.sample_rate) },
    { id: "format", title: "Format", width: "4.5rem", sortable: true, from: 980, cell: (row) => `${row.format}` },
    { id: "folder", title: "Folder", width: "minmax(5rem, 1.5fr)", sortable: true, from: 780, cell: (row) => <span class="t-soft" title={row.folder}>{row.folder}</span> },
    { id: "alike", title: "Like", width: "2.75rem", cell: (row) => <AlikeButton row={row} onAlike={onAlike} /> },
  ];
}

/** The same for what a search by sound found: nearest first, with how far. */
export function matchColumns(onAlike: (row: LibrarySound) => void): Column<Match>[] {
  const distance: Column<Match> = { id: "distance", title: "Distance", width: "5.5rem", numeric: true, cell: (match) => <Distance of={match.distance} /> };
  const shown = soundColumns(onAlike).map(({ sortable: _, ...column }): Column<Match> => ({ ...column, cell: (match, index) => column.cell(match.sound, index) }));
  return [shown[0]!, distance, ...shown.slice(1)];
}

function Name({ row }: { row: LibrarySound }) {
  const plays = nowPlaying.value === keyOf(row.sound);
  return <span class="lib-name" data-playing={plays || undefined} title={row.name}>{row.name}</span>;
}

function Label({ label }: { label: string }) {
  return label ? <span title={label}>{label}</span> : <span class="lib-nothing">{labelName(label)}</span>;
}

function Nothing() {
  return <span class="lib-nothing">–</span>;
}

function Distance({ of }: { of: number }) {
  return <span class="lib-distance"><span class="lib-distance-bar" style={{ width: `${Math.max(4, 100 - of * 30)}%` }} aria-hidden="true" />{of.toFixed(2)}</span>;
}

function AlikeButton({ row, onAlike }: { row: LibrarySound; onAlike: (row: LibrarySound) => void }) {
  return (
    <span class="lib-row-tool" onClick={(event) => event.stopPropagation()}>
      <IconButton icon="search" size="s" label={`Find sounds like ${row.name}`} skipTab onClick={() => onAlike(row)} />
    </span>
  );
}
