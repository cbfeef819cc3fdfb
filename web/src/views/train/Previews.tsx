import { useRef, useState } from "preact/hooks";
import type { Preview } from "../../api/types";
import { play, nowPlaying, stopAll } from "../../audio/engine";
import { Button } from "../../design/Button";
import { IconButton } from "../../design/IconButton";
import { MiniWave } from "../../design/MiniWave";
import { count } from "../../design/numbers";
import { toastError } from "../../state/toasts";
import { hearOrStop, keyOf } from "../sounds/hear";
import { soundUrl, useOutline } from "../sounds/refs";
import { audibleShare, bySound, inTurn, type Heard } from "./previews";

const LONGEST_S = 6;
const POINTS = 1000;

/** The original, and how it came back after more and more steps; one by one, or in turn. */
export function Previews({ previews, isLive }: { previews: readonly Preview[]; isLive: boolean }) {
  const all = bySound(previews);
  if (!all.length) return <p class="t-soft train-preview-wait">{isLive ? "The first sounds come after some steps." : "This training left no sounds to hear."}</p>;
  return <div class="t-stack">{all.map((heard) => <Sound key={heard.number} heard={heard} isOne={all.length === 1} />)}</div>;
}

function Sound({ heard, isOne }: { heard: Heard; isOne: boolean }) {
  const turn = useTurn();
  const all = inTurn(heard);
  const outline = useOutline((heard.original ?? heard.steps.at(-1))?.sound ?? null, POINTS, 0);
  const share = outline ? audibleShare(outline.peaks) : 1;
  return (
    <section class="train-preview" aria-label={isOne ? "Previews" : `Previews of sound ${heard.number}`}>
      <div class="t-row">
        {!isOne && <h3 class="t-grow">Sound {heard.number}</h3>}
        <Button size="s" icon={turn.runs ? "stop" : "play"} onClick={() => (turn.runs ? turn.stop() : void turn.start(all))}>{turn.runs ? "Stop" : "Play in turn"}</Button>
        {isOne && <span class="t-hint">The original, then each step, {LONGEST_S} s of each at most.</span>}
      </div>
      <ol class="train-preview-steps">{all.map((one) => <Step key={one.sound} preview={one} share={share} />)}</ol>
    </section>
  );
}

function Step({ preview, share }: { preview: Preview; share: number }) {
  const outline = useOutline(preview.sound, POINTS, 0);
  const plays = nowPlaying.value === keyOf(preview.sound);
  const name = preview.step === null ? "Original" : preview.step === 0 ? "Before the first step" : `Step ${count(preview.step)}`;
  return (
    <li class="train-step" data-playing={plays || undefined}>
      <IconButton icon={plays ? "stop" : "play"} size="s" label={plays ? `Stop: ${name}` : `Play: ${name}`} onClick={() => void hearOrStop(preview.sound, outline?.duration_s ?? null)} />
      <div class="t-grow">
        <span class="t-small t-clip">{name}</span>
        <MiniWave peaks={outline?.peaks.slice(0, Math.ceil(share * POINTS))} normalise />
      </div>
    </li>
  );
}

/** Plays sounds one after the other, until something else is played or all is silenced. */
function useTurn() {
  const [runs, setRuns] = useState(false);
  const turn = useRef(0);
  const start = async (all: readonly Preview[]): Promise<void> => {
    const own = ++turn.current;
    setRuns(true);
    try {
      for (const one of all) {
        const voice = await play(soundUrl(one.sound), { solo: true, seconds: LONGEST_S });
        if (!voice || own !== turn.current) break;
        await voice.ended;
        if (own !== turn.current || nowPlaying.value !== "" || voice.position() < Math.min(voice.seconds, LONGEST_S) - 0.1) break;
      }
    } catch (thrown) {
      toastError(thrown);
    }
    if (own === turn.current) setRuns(false);
  };
  const stop = (): void => {
    turn.current++;
    setRuns(false);
    stopAll();
  };
  return { runs, start, stop };
}
