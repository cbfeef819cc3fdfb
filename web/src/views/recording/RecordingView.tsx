import { useEffect } from "preact/hooks";
import { get } from "../../api/client";
import type { InstrumentDetail, Peaks } from "../../api/types";
import { Button } from "../../design/Button";
import { EmptyState } from "../../design/EmptyState";
import { Thrown } from "../../design/ErrorNote";
import { Select } from "../../design/Select";
import { ViewFrame } from "../../design/ViewFrame";
import { JobCard } from "../../shell/JobDrawer";
import { go } from "../../state/route";
import { toastError } from "../../state/toasts";
import { changes, chooseInstrument, instrument, instruments, jobs, state } from "../../state/workspace";
import { useAsked } from "../hearing/asked";
import { soundUrl } from "../sounds/refs";
import { Overview, Ruler } from "./Ruler";
import { deck, holes, loadProposals, recordings, reset, total, tracks, type Track } from "./session";
import { Tools } from "./Tools";
import { TrackRow } from "./TrackRow";
import { Transport, useRecordingKeys } from "./Transport";
import { TOOLS, toolsOf } from "./wishes";
import "./recording.css";

/** One recording: its holes, its variations, what comes after it; proposals side by side. */
export function RecordingView() {
  const able = instruments.value.filter((one) => one.of_recordings && !one.problem);
  const current = able.find((one) => one.name === instrument.value?.name) ?? able[0];
  if (!state.value) return <ViewFrame title="Recording" fill />;
  if (!current) {
    const lead = <Button kind="go" icon="train" onClick={() => go("train", { tab: "new", purpose: "recording", training: null })}>Train on a recording</Button>;
    return (
      <ViewFrame title="Recording" fill>
        <EmptyState icon="recording" title="One recording is enough" actions={lead}>
          An instrument that learned a single recording can vary it, go on where it ends, fill holes in it, and make new pieces in its manner. It learns in minutes.
        </EmptyState>
      </ViewFrame>
    );
  }
  const chooser = able.length > 1 && <Select label="Instrument of a recording" hideLabel value={current.name} options={able.map((one) => ({ value: one.name, label: one.name }))} onChange={chooseInstrument} />;
  return <Desk key={current.name} name={current.name} abilities={current.abilities ?? []} chooser={chooser} />;
}

function Desk({ name, abilities, chooser }: { name: string; abilities: readonly string[]; chooser: preact.ComponentChildren }) {
  const { value, error } = useAsked<InstrumentDetail>(`/api/instruments/${encodeURIComponent(name)}`, [changes.instruments.value]);
  useEffect(() => {
    reset(name);
    return () => deck.pause();
  }, [name]);
  useEffect(() => { void loadProposals(name).catch(toastError); }, [name, changes.made.value]);
  useEffect(() => { if (value) void loadRecordings(value).catch(toastError); }, [value]);
  useRecordingKeys();
  const trained = (value?.holes ?? []).map(([from, to]) => ({ from, to }));
  const tools = <Tools tools={toolsOf(abilities)} trained={trained} longest={recordings.value[0]?.duration_s ?? 0} />;
  return (
    <ViewFrame title="Recording" fill lead={`${name}`} actions={chooser} side={tools}>
      {error !== null ? <Thrown error={error} /> : <Stack name={name} />}
    </ViewFrame>
  );
}

/** The recordings as lanes; the holes that were not learned are there from the beginning. */
async function loadRecordings({ recordings: sounds, holes: trained }: InstrumentDetail): Promise<void> {
  const isFirst = !recordings.value.length;
  const lengths = await Promise.all(sounds.map((sound) => get<Peaks>(`/api/sounds/${sound}/peaks`, { query: { count: 1 } })));
  recordings.value = sounds.map((sound, at): Track => ({
    sound, url: soundUrl(sound), name: sounds.length > 1 ? `Recording ${at + 1}` : "Recording", kind: "recording", duration_s: lengths[at]?.duration_s ?? 0, made: null,
  }));
  if (isFirst && !holes.value.length) holes.value = trained.map(([from, to]) => ({ from, to }));
  deck.heard.value ||= recordings.value[0]?.url ?? "";
}

const KINDS: ReadonlySet<string> = new Set(TOOLS.map((tool) => tool.id));

/** The lanes under one ruler: the recording, files, what is being made, proposals. */
function Stack({ name }: { name: string }) {
  const own = recordings.value.length;
  const work = jobs.value.filter((one) => one.instrument === name && KINDS.has(one.kind) && one.state !== "done");
  const all = tracks.value;
  return (
    <section class="rec-desk" aria-label="Recording and proposals">
      <Transport />
      <div class="rec-stack" data-total={total.value}>
        <Ruler />
        {all.slice(0, Math.max(1, own)).map((track, place) => <TrackRow key={track.sound} track={track} place={place} />)}
        <Overview />
        {work.length > 0 && <h2 class="t-unseen">In the making</h2>}
        {work.toReversed().map((job) => <JobCard key={job.id} job={job} />)}
        {all.slice(Math.max(1, own)).map((track, at) => <TrackRow key={track.sound} track={track} place={at + Math.max(1, own)} />)}
        {own > 0 && all.length === own && !work.length && <p class="rec-first t-soft">Proposals appear here, below the recording and in time with it. Choose what to make, and switch between them while they play.</p>}
      </div>
    </section>
  );
}
