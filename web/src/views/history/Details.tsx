import { useEffect, useState } from "preact/hooks";
import { get, post } from "../../api/client";
import type { Model } from "../../api/models";
import { dragOut, saveAs } from "../../audio/drag";
import { nowPlaying, play, toggle } from "../../audio/engine";
import { Button } from "../../design/Button";
import { CommandLine, copyText } from "../../design/CommandLine";
import { Thrown } from "../../design/ErrorNote";
import { IconButton } from "../../design/IconButton";
import { MiniWave } from "../../design/MiniWave";
import { Panel } from "../../design/Panel";
import { TextField } from "../../design/Field";
import { toast, toastError } from "../../state/toasts";
import { JobCard } from "../../shell/JobDrawer";
import { jobOf } from "../../state/workspace";
import { deleteSoon } from "./deleting";
import { change, current, judge, urlOf, verdictOf } from "./list";
import type { Made } from "./names";
import { Provenance } from "./Provenance";

/** The sound in hand: heard, named, told about, taken away. */
export function Details() {
  const made = current.value;
  if (!made) return <Panel title="Sound"><p class="t-soft">Choose a sound in the list to hear it, and to see how it was made.</p></Panel>;
  return <One key={made.id} made={made} />;
}

function One({ made }: { made: Made }) {
  const url = urlOf(made.sound);
  const verdict = verdictOf(made);
  const plays = nowPlaying.value === url;
  return (
    <>
      <Panel class="hist-one" title="Sound" actions={<IconButton icon="trash" size="s" kind="danger" label={`Delete ${made.name}`} keys="delete" onClick={() => deleteSoon([made.id], made.name)} />}>
        <div class="t-stack">
          <div class="hist-wave">
            <IconButton icon={plays ? "stop" : "play"} kind="plain" label={plays ? "Stop" : `Play ${made.name}`} keys="p" onClick={() => void toggle(url).catch(toastError)} />
            <Wave made={made} />
          </div>
          <Naming made={made} />
          <div class="t-row" data-wrap>
            <Button size="s" icon="star" pressed={verdict === "star"} title="Keep (1)" onClick={() => void judge(made, "star")}>Keep</Button>
            <Button size="s" icon="reject" pressed={verdict === "reject"} title="Reject (0)" onClick={() => void judge(made, "reject")}>Reject</Button>
          </div>
          <div class="t-row" data-wrap>
            <Button size="s" icon="download" onClick={() => saveAs(`${url}?kind=wav&download=true`, `${made.name}.wav`)}>Save WAV</Button>
            <Button size="s" icon="download" onClick={() => saveAs(`${url}?kind=flac&download=true`, `${made.name}.flac`)}>Save FLAC</Button>
          </div>
          <div class="hist-drag" draggable title="Chrome and Edge make a file of what is dragged out." onDragStart={(event) => dragOut(event, url, `${made.name}.wav`)}>
            Drag this into a DAW or a folder
          </div>
          <Again made={made} />
        </div>
      </Panel>
      <Panel title="How it was made"><div class="t-stack"><Provenance made={made} onCopySeed={() => void copyText(String(made.seed)).then(() => toast(`Seed ${made.seed} copied`))} /><CommandLine command={made.command} /></div></Panel>
    </>
  );
}

function Wave({ made }: { made: Made }) {
  const [peaks, setPeaks] = useState<readonly number[]>([]);
  useEffect(() => {
    const aborter = new AbortController();
    get<Model<"Peaks">>(`/api/sounds/${made.sound}/peaks`, { query: { count: 160 }, signal: aborter.signal }).then((told) => setPeaks(told.peaks), () => undefined);
    return () => aborter.abort();
  }, [made.sound]);
  return <MiniWave peaks={peaks} normalise label={`Waveform of ${made.name}`} class="hist-peaks" />;
}

function Naming({ made }: { made: Made }) {
  const [draft, setDraft] = useState<string | null>(null);
  useEffect(() => setDraft(null), [made.name]);
  const settle = (): void => {
    const name = draft?.trim();
    if (!name || name === made.name) return setDraft(null);
    void change(made.id, { name }).then((after) => { setDraft(null); if (after) toast(`Named ${after.name}`); });
  };
  return (
    <div onFocusOut={settle}>
      <TextField label="Name" value={draft ?? made.name} onInput={setDraft} onEnter={settle} />
    </div>
  );
}

/** Makes it once more, and tells whether it is the same. */
function Again({ made }: { made: Made }) {
  const [busy, setBusy] = useState(false);
  const [answer, setAnswer] = useState<Model<"MadeAgain"> | null>(null);
  const [error, setError] = useState<unknown>(null);
  const again = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      const told = await post<Model<"MadeAgain">>(`/api/made/${made.id}/again`);
      setAnswer(told);
      if (told.made) void play(urlOf(told.made.sound), { solo: true }).catch(toastError);
    } catch (thrown) {
      setError(thrown);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div class="t-stack">
      <div><Button size="s" icon="refresh" busy={busy} onClick={() => void again()}>Make it again</Button></div>
      <div role="status">
        {answer?.made && <p class="hist-again" data-same={answer.same || undefined}>{answer.same ? "It came out the same to the last bit." : "It came out otherwise: the instrument or the settings of this machine have changed since."} The new one stands in the list as {answer.made.name}.</p>}
        {answer?.job && <JobCard job={jobOf(answer.job.id) ?? answer.job} />}
      </div>
      {error !== null && <Thrown error={error} />}
    </div>
  );
}
