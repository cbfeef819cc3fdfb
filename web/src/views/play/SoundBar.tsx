import { useEffect, useState } from "preact/hooks";
import { get } from "../../api/client";
import { saveAs } from "../../audio/drag";
import { nowPlaying } from "../../audio/engine";
import { Button } from "../../design/Button";
import { CommandLine, copyText } from "../../design/CommandLine";
import { Thrown } from "../../design/ErrorNote";
import { TextField } from "../../design/Field";
import { IconButton } from "../../design/IconButton";
import { MiniWave } from "../../design/MiniWave";
import { clock, roughTime } from "../../design/numbers";
import { toast, toastError } from "../../state/toasts";
import { changes } from "../../state/workspace";
import { canRedo, canUndo } from "../../state/undo";
import { toggleUrl, urlOf, useHeard } from "./audition";
import { farness } from "./rank";
import type { Made, Session } from "./session";
import { seedOf } from "./takes";
import { dragSound, judge, verdictOf, type Verdict } from "./verdict";

/** The sound in hand: its waveform, its seed, back and forth, and away with it. */
export function SoundBar({ session, canMake = true }: { session: Session; canMake?: boolean | undefined }) {
  const heard = session.heard.value;
  useMeasured(session);
  const url = heard ? urlOf(heard.made.sound) : "";
  const played = useHeard(url);
  const plays = url !== "" && nowPlaying.value === url;
  const play = (): void => { if (url) void toggleUrl(url).catch(toastError); };
  return (
    <section class="play-sound" aria-label="The sound in hand" aria-busy={session.busy.value}>
      {canMake && <Making session={session} />}
      <div class="play-sound-main">
        <div
          class="play-wave" draggable={Boolean(heard)} data-busy={session.busy.value || undefined}
          onDragStart={(event) => { if (heard) dragSound(event, { sound: heard.made.sound, name: heard.made.name }); }}
        >
          <IconButton icon={plays ? "stop" : "play"} kind="plain" size="l" label={plays ? "Stop" : "Play the sound"} keys="space" disabled={!heard} onClick={play} />
          {heard
            ? <MiniWave samples={heard.buffer.getChannelData(0)} progress={played} normalise label={`Waveform of ${heard.made.name}`} />
            : <p class="play-wave-none t-soft">Make a sound to begin. Everything you make is kept in the history.</p>}
          {session.busy.value && <Waiting took={session.took.value} />}
        </div>
        {session.trouble.value ? <Thrown error={session.trouble.value} onRetry={() => session.want(true)} /> : <Facts session={session} />}
      </div>
    </section>
  );
}

const LONG_S = 2;

/** A sound that takes long says how long is left, by what the last one took. */
function Waiting({ took }: { took: number }) {
  const [passed, setPassed] = useState(0);
  useEffect(() => {
    const began = performance.now();
    const timer = setInterval(() => setPassed((performance.now() - began) / 1000), 500);
    return () => clearInterval(timer);
  }, []);
  const left = took - passed;
  const words = passed < LONG_S ? "" : took > LONG_S && left > 0.5 ? `about ${roughTime(left)} left` : `${Math.round(passed)} s so far`;
  return <span class="play-waiting t-small" role="status">{words}<span class="t-spinner" aria-hidden="true" /></span>;
}

/** How far a sound is from the library is measured a little after it was made. */
function useMeasured(session: Session): void {
  const made = session.heard.value?.made;
  const waits = made && typeof made.distance !== "number" ? made.id : "";
  const version = changes.made.value;
  useEffect(() => {
    if (!waits) return undefined;
    const timer = setTimeout(() => {
      get<Made>(`/api/made/${waits}`).then((after) => { if (typeof after.distance === "number") session.changed(after); }, () => undefined);
    }, 200);
    return () => clearTimeout(timer);
  }, [waits, version]);
}

function Making({ session }: { session: Session }) {
  const history = session.history.value;
  return (
    <div class="play-making">
      <div class="t-row">
        <Button kind="go" size="l" icon="dice" title="A new seed (N)" onClick={() => session.renew()}>New sound</Button>
        <IconButton icon="undo" label="Undo" keys="mod+z" disabled={!canUndo(history)} onClick={() => session.undo()} />
        <IconButton icon="redo" label="Redo" keys="shift+mod+z" disabled={!canRedo(history)} onClick={() => session.redo()} />
      </div>
      <Seed session={session} />
    </div>
  );
}

function Seed({ session }: { session: Session }) {
  const { seed } = session.take;
  const [draft, setDraft] = useState<string | null>(null);
  const wrong = draft !== null && seedOf(draft) === null;
  const settle = (text: string): void => {
    const typed = seedOf(text);
    if (typed === null) return;
    setDraft(null);
    if (typed !== seed || !session.heard.value) session.set({ ...session.take, seed: typed });
  };
  const copy = (): void => void copyText(String(seed)).then(() => toast(`Seed ${seed} copied`));
  return (
    <div class="play-seed">
      <TextField
        label="Seed" inline mono value={draft ?? String(seed)} onInput={setDraft} onEnter={settle}
        error={wrong ? "A whole number from 0 to 4,294,967,295." : null}
      />
      <IconButton icon="copy" size="s" label="Copy the seed" onClick={copy} />
    </div>
  );
}

function Facts({ session }: { session: Session }) {
  const heard = session.heard.value;
  if (!heard) return <div class="play-facts t-soft t-small">The same seed and settings make the same sound, here and on the command line.</div>;
  const { made, buffer } = heard;
  const verdict = verdictOf(made);
  const say = (which: "star" | "reject"): void => {
    const next: Verdict = verdict === which ? null : which;
    void judge(made, next).then((after) => { if (after) session.changed(after); });
  };
  const distance = made.distance === null || made.distance === undefined ? "" : `, ${made.distance.toFixed(2)} from the library: ${farness(made.distance)}`;
  return (
    <div class="play-facts">
      <span class="play-name t-clip" title={made.name}>{made.name}</span>
      <span class="t-soft t-small t-clip t-grow">{clock(buffer.duration, true)}{distance}{made.note && `. ${made.note}`}</span>
      <div class="t-row">
        <IconButton icon="star" size="s" label="Keep this sound" keys="1" pressed={verdict === "star"} filled={verdict === "star"} onClick={() => say("star")} />
        <IconButton icon="reject" size="s" label="Reject this sound" keys="0" pressed={verdict === "reject"} onClick={() => say("reject")} />
        <IconButton icon="download" size="s" label="Download this sound as WAV" onClick={() => saveAs(`${urlOf(made.sound)}?kind=wav&download=true`, `${made.name}.wav`)} />
        <CommandLine command={made.command} compact />
      </div>
    </div>
  );
}
