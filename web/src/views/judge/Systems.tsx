import type { Made } from "../../api/types";
import { nowPlaying } from "../../audio/engine";
import { EmptyState } from "../../design/EmptyState";
import { IconButton } from "../../design/IconButton";
import { several } from "../../design/numbers";
import { hearOrStop, keyOf } from "../sounds/hear";

export interface SystemsProps {
  groups: ReadonlyMap<string, readonly Made[]>;
  chosen: readonly string[];
  isStarred: boolean;
  onChange: (chosen: readonly string[]) => void;
}

const SHOWN = 12;

/** The history by instrument: who takes part, with a few sounds to hear. */
export function Systems({ groups, chosen, isStarred, onChange }: SystemsProps) {
  if (!groups.size) {
    return isStarred
      ? <EmptyState icon="star" title="Nothing is starred yet">Star sounds in Play, Map, Recording or History, or take all that are not rejected.</EmptyState>
      : <EmptyState icon="history" title="Nothing was made yet">Make sounds in Play, Map or Recording first.</EmptyState>;
  }
  const toggle = (name: string): void => onChange(chosen.includes(name) ? chosen.filter((one) => one !== name) : [...chosen, name]);
  return (
    <ul class="judge-systems">
      {[...groups].map(([name, made]) => (
        <li key={name} class="judge-system" data-chosen={chosen.includes(name) || undefined}>
          <label class="judge-check">
            <input type="checkbox" class="t-check" checked={chosen.includes(name)} onChange={() => toggle(name)} />
            <span class="t-clip"><strong>{name}</strong> <span class="t-soft">{several(made.length, "sound")}</span></span>
          </label>
          <div class="judge-sounds">{made.slice(0, SHOWN).map((one) => <Hear key={one.id} made={one} />)}</div>
        </li>
      ))}
    </ul>
  );
}

function Hear({ made }: { made: Made }) {
  const plays = nowPlaying.value === keyOf(made.sound);
  return <IconButton icon={plays ? "stop" : "play"} size="s" label={plays ? `Stop ${made.name}` : `Play ${made.name}`} onClick={() => void hearOrStop(made.sound, made.duration_s)} />;
}
