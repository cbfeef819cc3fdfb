import { Button } from "../../design/Button";
import { IconButton } from "../../design/IconButton";
import { dragOut, saveAs } from "../../audio/drag";
import { nowPlaying } from "../../audio/engine";
import { go } from "../../state/route";
import { soundUrl } from "../sounds/refs";
import { length } from "../sounds/words";
import { inHand, placed, type Placed } from "./desk";
import { judge, tookAway } from "./made";
import { hearMade } from "./making";

const SHOWN = 60;

/** What was made on this map, the newest first. */
export function MadeList() {
  const all = placed.value.filter((one) => !one.made.rejected);
  if (!all.length) return <p class="t-hint">Sounds that you make here are listed here, and kept in the history.</p>;
  return (
    <div class="t-stack">
      <ul class="map-made">{all.slice(0, SHOWN).map((one) => <Row key={one.made.id} one={one} />)}</ul>
      <Button size="s" kind="quiet" icon="history" onClick={() => go("history")}>All that was made</Button>
    </div>
  );
}

function Row({ one }: { one: Placed }) {
  const { made } = one;
  const url = soundUrl(made.sound);
  const plays = nowPlaying.value === url;
  const take = (): void => { inHand.value = { kind: "made", id: made.id }; void hearMade(one); };
  const file = `${made.name}.wav`;
  return (
    <li
      draggable data-playing={plays || undefined} data-current={(inHand.value?.kind === "made" && inHand.value.id === made.id) || undefined}
      onDragStart={(event) => { dragOut(event, url, file); tookAway(); }}
    >
      <IconButton icon={plays ? "stop" : "play"} size="s" label={`Play ${made.name}`} onClick={take} />
      <button type="button" class="map-name t-clip" title={made.name} onClick={take}>{made.name}</button>
      <span class="t-soft t-small">{length(made.duration_s)}</span>
      <IconButton icon="star" size="s" label={`Keep ${made.name}`} pressed={made.starred} filled={made.starred} onClick={() => void judge(made.id, made.starred ? null : "star")} />
      <IconButton icon="download" size="s" label={`Download ${made.name}`} onClick={() => { saveAs(`${url}?download=true`, file); tookAway(); }} />
    </li>
  );
}
