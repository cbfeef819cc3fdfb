import { useEffect } from "preact/hooks";
import { at } from "../../api/client";
import { changeMade } from "../../api/made";
import type { Made } from "../../api/types";
import { dragOut, saveAs } from "../../audio/drag";
import { CommandLine } from "../../design/CommandLine";
import { IconButton } from "../../design/IconButton";
import { toastError } from "../../state/toasts";
import { length } from "../sounds/words";
import { downloadUrl } from "../sounds/refs";
import { words } from "./copymap";
import { Lane } from "./Lane";
import { askCopies, copies, deck, owner, removeFile, replaceMade, showsCopies, type Track } from "./session";
import { COMPARED, TOOLS } from "./wishes";

/** A lane with its name, its key, and what can be done with it. */
export function TrackRow({ track, place }: { track: Track; place: number }) {
  const isHeard = deck.heard.value === track.url;
  const plays = isHeard && deck.playing.value;
  const { made } = track;
  const wantsCopies = showsCopies.value && made !== null && COMPARED.has(made.kind);
  useEffect(() => { if (wantsCopies) askCopies(owner.value, track.sound); }, [wantsCopies, track.sound]);
  const filename = `${made?.name ?? track.name}`.replace(/\.(wav|flac|mp3|ogg)$/i, "");
  return (
    <article class="rec-track" data-heard={isHeard || undefined} data-rejected={made?.rejected || undefined} aria-label={track.name}>
      <header class="rec-track-head">
        <IconButton
          icon={plays ? "pause" : "play"} size="s" label={plays ? `Pause ${track.name}` : `Hear ${track.name}`} keys={place < 10 ? String(place) : undefined} pressed={isHeard}
          onClick={() => (plays ? deck.pause() : void deck.play(track.url))}
        />
        <div class="rec-track-names" draggable onDragStart={(event) => dragOut(event, track.url, `${filename}.wav`)}>
          <span class="t-clip rec-track-name" title={track.name}>{track.name}</span>
          <span class="t-clip t-soft t-small">{tell(track)}</span>
          {made && COMPARED.has(made.kind) && <CopyWords sound={track.sound} />}
        </div>
        <div class="rec-track-tools">
          {made && <Verdict made={made} />}
          <IconButton icon="download" size="s" label={`Download ${track.name}`} onClick={() => saveAs(at(downloadUrl(track.sound)), `${filename}.wav`)} />
          {made && <CommandLine command={made.command} compact />}
          {track.kind === "file" && <IconButton icon="close" size="s" label={`Take ${track.name} out of sight`} onClick={() => removeFile(track.sound)} />}
        </div>
      </header>
      <Lane track={track} />
    </article>
  );
}

function tell({ kind, duration_s, made }: Track): string {
  if (kind === "recording") return `the recording, ${length(duration_s)}`;
  if (!made) return `a file, ${length(duration_s)}`;
  const amount = made.settings?.["amount"];
  return [TOOLS.find((tool) => tool.id === made.kind)?.did ?? "new piece", typeof amount === "number" ? `${Math.round(amount * 100)} %` : "", length(duration_s), `seed ${made.seed}`].filter(Boolean).join(", ");
}

/** How much it repeats; its place is kept while that is measured. */
function CopyWords({ sound }: { sound: string }) {
  if (!showsCopies.value) return null;
  const found = copies.value.get(sound);
  const text = found === "none" ? "not compared" : found ? words(found) : "is compared with the recording";
  return <span class="t-clip t-soft t-small" title={text}>{text}</span>;
}

function Verdict({ made }: { made: Made }) {
  return (
    <>
      <IconButton icon="star" size="s" label={`Keep ${made.name}`} pressed={made.starred} filled={made.starred} onClick={() => void judge(made, { starred: !made.starred, rejected: false })} />
      <IconButton icon="reject" size="s" label={`Reject ${made.name}`} pressed={made.rejected} onClick={() => void judge(made, { rejected: !made.rejected, starred: false })} />
    </>
  );
}

/** Stars or rejects a proposal: shown at once, and put back where the server refuses. */
export async function judge(made: Made, change: { starred: boolean; rejected: boolean }): Promise<void> {
  replaceMade({ ...made, ...change });
  try {
    replaceMade(await changeMade(made.id, change));
  } catch (thrown) {
    replaceMade(made);
    toastError(thrown);
  }
}
