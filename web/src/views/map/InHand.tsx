import { Button } from "../../design/Button";
import { CommandLine } from "../../design/CommandLine";
import { Icon } from "../../design/Icon";
import { IconButton } from "../../design/IconButton";
import { Panel } from "../../design/Panel";
import { SoundCard } from "../../design/SoundCard";
import { nowPlaying, stopAll } from "../../audio/engine";

import { instrument } from "../../state/workspace";
import { keyOf } from "../sounds/hear";
import { outsideName, pieceOf, soundUrl, useOutline } from "../sounds/refs";
import { length } from "../sounds/words";
import { findAlike } from "./alike";
import { colourOf, partOf, placeOf, type Cloud } from "./cloud";
import { cloud, inHand, madeInHand, panel, plot, tray, type Placed } from "./desk";
import { facts } from "./HoverCard";
import { judge } from "./made";
import { hearMade, hearPoint } from "./making";
import { withIngredient, type Ingredient } from "./mixing";
import { Neighbours } from "./Neighbours";

/** The sound in hand: made here, or of the library. */
export function InHand() {
  const [map, now, made] = [cloud.value, inHand.value, madeInHand.value];
  if (map && now?.kind === "point") return <PointInHand map={map} index={now.index} />;
  if (made) return <MadeInHand key={made.made.id} one={made} />;
  return (
    <Panel title="In hand">
      <p class="t-hint">Move over the map to hear the library. Click in the empty for a new sound.</p>
    </Panel>
  );
}

/** Puts something into the tray, and shows it. */
export function intoTray(one: Omit<Ingredient, "weight">): void {
  tray.value = withIngredient(tray.value, one);
  panel.value = "mix";
}

/** The sound of the library as the tray takes it; a part of a long file goes by its place. */
export function ingredientOf(map: Cloud, index: number): Omit<Ingredient, "weight"> {
  const isPart = (map.startsS[index] ?? 0) > 0;
  return { sound: isPart ? null : (map.sounds[index] ?? null), at: placeOf(map, index), name: map.names[index] ?? "" };
}

export const ofMade = ({ made, at }: Placed): Omit<Ingredient, "weight"> => ({ sound: made.sound, at, name: made.name });

function PointInHand({ map, index }: { map: Cloud; index: number }) {
  const sound = map.sounds[index] ?? "";
  const name = map.names[index] ?? "";
  const part = partOf(map, index, instrument.value?.duration_s ?? 0);
  const peaks = useOutline(sound, part ? 2000 : 200, 0);
  const plays = nowPlaying.value === keyOf(sound, part ?? {});
  return (
    <Panel title="In hand" class="map-inhand" actions={<IconButton icon="fit" size="s" label="Show it on the map" onClick={() => plot.current?.show(placeOf(map, index))} />}>
      <div class="t-stack">
        <SoundCard
          name={name} url={soundUrl(sound)} filename={outsideName(name)} colour={colourOf(map, index)} selected={plays}
          peaks={peaks && part ? pieceOf(peaks, part.startS, part.seconds) : peaks?.peaks} onPlay={() => { if (plays) stopAll(); else void hearPoint(index); }}
        />
        <p class="t-hint">{facts(map, index)}</p>
        <div class="t-row" data-wrap>
          <Button size="s" icon="plus" onClick={() => intoTray(ingredientOf(map, index))}>Into the mix</Button>
          <Button size="s" icon="search" onClick={() => void findAlike(sound, name)}>Find alike</Button>
        </div>
      </div>
    </Panel>
  );
}

function MadeInHand({ one }: { one: Placed }) {
  const { made } = one;
  const peaks = useOutline(made.sound, 200, 0);
  return (
    <Panel title={made.kind === "path" ? "New path" : "New sound"} class="map-inhand" actions={<>
      {one.at && <IconButton icon="fit" size="s" label="Show it on the map" onClick={() => { if (one.at) plot.current?.show(one.at); }} />}
      <CommandLine command={made.command} compact />
    </>}>
      <div class="t-stack">
        <SoundCard
          name={made.name} url={soundUrl(made.sound)} detail={length(made.duration_s)} peaks={peaks?.peaks} verdict={made.starred ? "star" : made.rejected ? "reject" : null}
          onVerdict={(verdict) => void judge(made.id, verdict)} onPlay={() => { if (nowPlaying.value === soundUrl(made.sound)) stopAll(); else void hearMade(one); }} filename={`${made.name}.wav`}
        />
        {made.note && <p class="map-note"><Icon name="info" size={1} /><span>{made.note}</span></p>}
        <div class="t-row" data-wrap>
          <Button size="s" icon="plus" onClick={() => intoTray(ofMade(one))}>Into the mix</Button>
          <Button size="s" icon="search" onClick={() => void findAlike(made.sound, made.name)}>Find alike</Button>
        </div>
        <Parents one={one} />
        <Neighbours sound={made.sound} />
      </div>
    </Panel>
  );
}

/** What it was made of, with how much of each. */
function Parents({ one }: { one: Placed }) {
  const parents = (one.made.parents ?? []).map((parent) => ({ name: String(parent["name"] ?? ""), weight: Number(parent["weight"] ?? 0), label: String(parent["label"] ?? "") }));
  if (!parents.length) return null;
  return (
    <section class="map-parents" aria-label="Made of">
      <h3>Made of</h3>
      <ul>
        {parents.slice(0, 3).map((parent, at) => (
          <li key={at}>
            <span class="map-share" aria-hidden="true"><span style={{ width: `${Math.min(100, Math.abs(parent.weight) * 100)}%` }} /></span>
            <span class="t-clip t-grow" title={parent.name}>{parent.name}</span>
            <span class="t-soft">{Math.round(parent.weight * 100)} %</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
