import type { Instrument } from "../../api/models";
import { Button } from "../../design/Button";
import { EmptyState } from "../../design/EmptyState";
import { Panel } from "../../design/Panel";
import { go } from "../../state/route";
import { useShortcuts } from "../../state/shortcuts";
import { abilitiesInWords, can } from "./abilities";
import { Keys } from "./Keys";
import { Many } from "./Many";
import { sessionOf } from "./session";
import { SoundBar } from "./SoundBar";
import { toggleUrl, urlOf } from "./audition";
import { toastError } from "../../state/toasts";

/** What an instrument of one recording can do here: new pieces; the rest is under Recording. */
export function Pieces({ about }: { about: Instrument }) {
  const session = sessionOf(about.name);
  const toRecording = <Button icon="recording" onClick={() => go("recording")}>Open its recording</Button>;
  useShortcuts("Play", [
    { keys: "space", says: "Play or stop the piece in hand", run: () => { const made = session.heard.value?.made; if (made) void toggleUrl(urlOf(made.sound)).catch(toastError); } },
  ]);
  if (!can(about, "generate")) {
    return <EmptyState icon="recording" title={`${about.name} makes no new pieces`} actions={toRecording}>It can {abilitiesInWords(about)}: all of it under Recording.</EmptyState>;
  }
  return (
    <>
      <Panel title="New pieces" actions={toRecording}>
        <div class="t-stack">
          <p class="t-soft">{about.name} learned from a recording. It can {abilitiesInWords(about)}. New pieces are made here; holes, variations and what goes on after the end are under Recording.</p>
          <Many about={about} />
        </div>
      </Panel>
      {session.heard.value && <SoundBar session={session} canMake={false} />}
      {session.heard.value && <Keys session={session} />}
    </>
  );
}
