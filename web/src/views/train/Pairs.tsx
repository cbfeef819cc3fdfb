import { dragOut } from "../../audio/drag";
import { IconButton } from "../../design/IconButton";
import { MiniWave } from "../../design/MiniWave";
import { several } from "../../design/numbers";
import { soundUrl, useOutline } from "../sounds/refs";
import { deck, keyOfAsked, preferred, SEEDS, SIDES, sounds, tally, type Side } from "./compare";

export interface PairsProps {
  names: readonly [string, string];
  label: string;
  seed: number;
  side: Side;
  busy: boolean;
  onHear: (side: Side, seed: number) => void;
}

/** A row a seed, with what both instruments make of it. */
export function Pairs({ names, label, seed, side, busy, onHear }: PairsProps) {
  const [forA, forB] = tally(preferred.value, names);
  return (
    <div class="train-pairs" role="group" aria-label="Pairs by seed">
      <div class="train-pair" aria-hidden="true"><span /><span class="t-soft t-small t-clip">A: {names[0]}</span><span class="t-soft t-small t-clip">B: {names[1]}</span></div>
      {SEEDS.map((own) => (
        <div key={own} class="train-pair" data-current={own === seed || undefined}>
          <span class="t-soft t-small">Seed {own}</span>
          {SIDES.map((which, at) => (
            <Half key={which} names={names} which={at as 0 | 1} label={label} seed={own} isHeard={own === seed && which === side} busy={busy && own === seed} onHear={() => onHear(which, own)} />
          ))}
        </div>
      ))}
      <p class="t-soft t-small" role="status">{forA + forB ? `Liked better: ${names[0]} ${several(forA, "time")}, ${names[1]} ${several(forB, "time")}.` : "Mark the one of each pair that you like better with its star."}</p>
    </div>
  );
}

interface HalfProps {
  names: readonly [string, string];
  which: 0 | 1;
  label: string;
  seed: number;
  isHeard: boolean;
  busy: boolean;
  onHear: () => void;
}

function Half({ names, which, label, seed, isHeard, busy, onHear }: HalfProps) {
  const name = names[which];
  const made = sounds.value.get(keyOfAsked({ instrument: name, label, seconds: null, seed }));
  const outline = useOutline(made?.sound ?? null, 120, 0);
  const plays = isHeard && deck.playing.value;
  const pair = [...names, label, seed].join("\u0000");
  const isLiked = preferred.value.get(pair) === name;
  const like = (): void => {
    const rest = [...preferred.value].filter(([key]) => key !== pair);
    preferred.value = new Map(isLiked ? rest : [...rest, [pair, name]]);
  };
  const says = `${plays ? "Stop" : "Hear"} ${name}, seed ${seed}`;
  return (
    <div class="train-half" data-heard={isHeard || undefined} draggable={made !== undefined} onDragStart={(event) => made && dragOut(event, soundUrl(made.sound), `${made.name}.wav`)}>
      <IconButton icon={plays ? "stop" : "play"} size="s" label={says} disabled={busy} onClick={() => (plays ? deck.pause() : onHear())} />
      <MiniWave peaks={outline?.peaks} normalise />
      <IconButton icon="star" size="s" label={`I like ${name} better with seed ${seed}`} pressed={isLiked} filled={isLiked} disabled={!made} onClick={like} />
    </div>
  );
}
