import type { LibrarySound } from "../../api/types";
import { dragOut, saveAs } from "../../audio/drag";
import { nowPlaying } from "../../audio/engine";
import { IconButton } from "../../design/IconButton";
import { MiniWave } from "../../design/MiniWave";
import { hearOrStop, keyOf } from "../sounds/hear";
import { downloadUrl, mediaType, outsideName, soundUrl, useOutline } from "../sounds/refs";
import { labelName, length, level, rate } from "../sounds/words";

/** The sound in hand, at the table's foot: its waveform, its facts, and what can be done with it. */
export function Focus({ row, onAlike }: { row: LibrarySound | null; onAlike: (row: LibrarySound) => void }) {
  const peaks = useOutline(row?.sound ?? null, 400);
  if (!row) return <div class="lib-focus" data-empty><span class="t-soft">Arrow keys play from row to row.</span></div>;
  const plays = nowPlaying.value === keyOf(row.sound);
  const facts = [
    labelName(row.label), length(row.duration_s), row.pitch, row.loudness_lufs === null ? `peak ${level(row.peak_db)} dB` : `${level(row.loudness_lufs)} LUFS`,
    rate(row.sample_rate), row.channels === 1 ? "mono" : row.channels === 2 ? "stereo" : `${row.channels} channels`, row.format, row.group,
  ].filter(Boolean);
  return (
    <div class="lib-focus" role="region" aria-label={`In hand: ${row.name}`} draggable onDragStart={(event) => dragRow(event, row)}>
      <IconButton icon={plays ? "stop" : "play"} kind="plain" size="l" label={plays ? `Stop ${row.name}` : `Play ${row.name}`} onClick={() => void hearOrStop(row.sound, row.duration_s)} />
      <div class="lib-focus-text">
        <strong class="t-clip" title={row.name}>{row.name}</strong>
        <span class="t-soft t-small t-clip">{facts.join(" · ")}</span>
      </div>
      <MiniWave class="lib-focus-wave" peaks={peaks?.peaks} normalise label={`Waveform of ${row.name}`} />
      <div class="t-row lib-focus-tools">
        <IconButton icon="search" label="Find sounds like this" keys="a" onClick={() => onAlike(row)} />
        <IconButton icon="download" label={`Download ${row.name}`} onClick={() => saveAs(downloadUrl(row.sound), outsideName(row.name))} />
      </div>
    </div>
  );
}

export const dragRow = (event: DragEvent, row: LibrarySound): void => dragOut(event, soundUrl(row.sound), outsideName(row.name), mediaType(outsideName(row.name)));
