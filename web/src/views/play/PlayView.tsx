import { useEffect, useState } from "preact/hooks";
import { get } from "../../api/client";
import { stopAll } from "../../audio/engine";
import type { Instrument, Model } from "../../api/models";
import { Button } from "../../design/Button";
import { EmptyState } from "../../design/EmptyState";
import { ErrorNote, Thrown } from "../../design/ErrorNote";
import { Tabs } from "../../design/Tabs";
import { ViewFrame } from "../../design/ViewFrame";
import { go, route, setParams } from "../../state/route";
import { useShortcuts } from "../../state/shortcuts";
import { toastError } from "../../state/toasts";
import { changes, instrument, state } from "../../state/workspace";
import { abilitiesInWords, can, playsOneShots } from "./abilities";
import { hush, toggleUrl, urlOf } from "./audition";
import { Drums } from "./Drums";
import { silence } from "./keyboard";
import { Keys } from "./Keys";
import { machineOf } from "./machine";
import { Many } from "./Many";
import { MorphPad } from "./MorphPad";
import { Pieces } from "./Pieces";
import { sessionOf, type Session } from "./session";
import { Sliders } from "./Sliders";
import { SoundBar } from "./SoundBar";
import { judge } from "./verdict";
import "./play.css";

/** Sounds of the instrument in hand, played. */
export function PlayView() {
  const about = instrument.value;
  if (!about) return <Nobody />;
  const lead = about.title ? `${about.name}: ${about.title}` : about.name;
  return (
    <ViewFrame title="Play" lead={lead}>
      {about.problem ? <ErrorNote text={`${about.name} cannot play.`} given={about.problem} accepted="" advice="Choose another instrument above, or train this one again." /> : <Suited about={about} key={about.name} />}
    </ViewFrame>
  );
}

function Nobody() {
  return (
    <ViewFrame title="Play">
      {state.value && (
        <EmptyState icon="keys" title="No instrument yet" actions={<Button kind="go" icon="train" onClick={() => go("train")}>Train an instrument</Button>}>
          An instrument is trained on your own sounds, on this machine. Then it makes new ones here, with sliders, keys and pads.
        </EmptyState>
      )}
    </ViewFrame>
  );
}

function Suited({ about }: { about: Instrument }) {
  if (about.of_recordings) return <Pieces about={about} />;
  if (can(about, "generate")) return <Playing about={about} session={sessionOf(about.name)} />;
  return (
    <EmptyState icon="keys" title={`${about.name} makes no sounds of its own`} actions={<Button icon="train" onClick={() => go("train")}>Train one that does</Button>}>
      It can {abilitiesInWords(about)}. Choose another instrument above to play.
    </EmptyState>
  );
}

type Tab = "pad" | "steps" | "many";

function Playing({ about, session }: { about: Instrument; session: Session }) {
  const { detail, error, again } = useDetail(about.name);
  const tabs = [{ id: "pad" as const, label: "Pad of four" }, ...(playsOneShots(about) ? [{ id: "steps" as const, label: "Pads and steps" }] : []), { id: "many" as const, label: "Make many" }];
  const current = tabs.find((tab) => tab.id === route.value.params["tab"])?.id ?? "pad";
  usePlayKeys(about, session);
  return (
    <>
      <SoundBar session={session} />
      <div class="play-middle">
        <div class="play-left">
          {error ? <Thrown error={error} onRetry={again} /> : <Sliders session={session} about={about} sliders={detail === null ? undefined : (detail.sliders ?? null)} />}
        </div>
        <div class="play-right">
          <Tabs<Tab> label="What to play with" tabs={tabs} current={current} onChange={(tab) => setParams({ tab })}>
            {current === "pad" && <MorphPad about={about} />}
            {current === "steps" && <Drums about={about} />}
            {current === "many" && <Many about={about} />}
          </Tabs>
        </div>
      </div>
      <Keys session={session} />
    </>
  );
}

function usePlayKeys(about: Instrument, session: Session): void {
  const say = (which: "star" | "reject"): void => {
    const made = session.heard.value?.made;
    if (!made) return;
    const already = which === "star" ? made.starred : made.rejected;
    void judge(made, already ? null : which).then((after) => { if (after) session.changed(after); });
  };
  const machine = machineOf(about.name);
  useShortcuts("Play", [
    { keys: "n", says: "A new sound", run: () => session.renew() },
    { keys: "space", says: "Play or stop the sound in hand", run: () => { const made = session.heard.value?.made; if (made) void toggleUrl(urlOf(made.sound)).catch(toastError); } },
    { keys: "mod+z", says: "Undo", run: () => session.undo() },
    { keys: "shift+mod+z", says: "Redo", run: () => session.redo() },
    { keys: "1", says: "Keep the sound in hand", run: () => say("star") },
    { keys: "0", says: "Reject it", run: () => say("reject") },
    { keys: "b", says: "Start or stop the steps", run: () => (machine.running.value ? machine.stop() : route.value.params["tab"] === "steps" && void machine.begin()) },
    { keys: "escape", says: "Stop everything", quiet: true, run: () => { machine.stop(); silence(); hush(); stopAll(); } },
  ]);
}

function useDetail(name: string) {
  const [detail, setDetail] = useState<Model<"InstrumentDetail"> | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [tries, setTries] = useState(0);
  const version = changes.instruments.value;
  useEffect(() => {
    let isGone = false;
    get<Model<"InstrumentDetail">>(`/api/instruments/${encodeURIComponent(name)}`).then(
      (told) => { if (!isGone) { setDetail(told); setError(null); } },
      (thrown) => { if (!isGone) setError(thrown); },
    );
    return () => { isGone = true; };
  }, [name, version, tries]);
  return { detail, error, again: () => setTries(tries + 1) };
}
