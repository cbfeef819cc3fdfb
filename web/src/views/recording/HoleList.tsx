import { Button } from "../../design/Button";
import { IconButton } from "../../design/IconButton";
import { NumberField } from "../../design/NumberField";
import { resized, percent, withHole, without } from "./holes";
import { chosenHole, deck, holes, mode, targetTrack, tool } from "./session";
import type { Span } from "./viewport";

/** The holes in seconds, to be typed. */
export function HoleList({ trained }: { trained: readonly Span[] }) {
  const total = targetTrack.value?.duration_s ?? 1;
  const all = holes.value;
  return (
    <div class="t-stack">
      {all.length > 0 && <ol class="rec-holes">{all.map((one, at) => <HoleRow key={at} hole={one} at={at} total={total} />)}</ol>}
      {all.length > 0 && <p class="t-hint">{percent(all, total).toFixed(0)} % of the sound.</p>}
      <div class="t-row" data-wrap>
        <Button size="s" icon="edit" pressed={mode.value === "hole"} onClick={() => { mode.value = mode.value === "hole" ? "play" : "hole"; tool.value = "inpaint"; }}>Draw</Button>
        {all.length > 0 && <Button size="s" kind="quiet" icon="close" onClick={() => { holes.value = []; chosenHole.value = -1; }}>None</Button>}
        {trained.length > 0 && <Button size="s" kind="quiet" icon="refresh" onClick={() => { holes.value = trained; }}>Those it never heard</Button>}
      </div>
    </div>
  );
}

function HoleRow({ hole, at, total }: { hole: Span; at: number; total: number }) {
  const put = (edge: keyof Span) => (to: number): void => { holes.value = withHole(holes.value, at, resized(hole, edge, to, total)); };
  const listen = (): void => {
    const track = targetTrack.value;
    if (track) void deck.play(track.url, Math.max(0, hole.from - 1));
  };
  return (
    <li class="rec-hole-row" data-chosen={chosenHole.value === at || undefined} onFocusIn={() => { chosenHole.value = at; }}>
      <IconButton icon="play" size="s" label={`Hear hole ${at + 1} and a second before it`} onClick={listen} />
      <NumberField label={`Hole ${at + 1} from`} hideLabel unit="s" min={0} max={total} step={0.001} value={hole.from} onChange={put("from")} />
      <NumberField label={`Hole ${at + 1} to`} hideLabel unit="s" min={0} max={total} step={0.001} value={hole.to} onChange={put("to")} />
      <IconButton icon="close" size="s" label={`Remove hole ${at + 1}`} onClick={() => { holes.value = without(holes.value, at); chosenHole.value = -1; }} />
    </li>
  );
}
