import { Button } from "../../design/Button";
import { EmptyState } from "../../design/EmptyState";
import { Select } from "../../design/Select";
import { JobCard } from "../../shell/JobDrawer";
import { go } from "../../state/route";
import { instrument, jobs, state } from "../../state/workspace";
import { projection, PROJECTIONS, setProjection, type Projection } from "./desk";
import { layOut } from "./MapTools";

/** No instrument: the way to one. */
export function NoInstrument() {
  const library = state.value?.library;
  return (
    <EmptyState
      icon="map" title="A map needs an instrument"
      actions={library
        ? <Button kind="go" icon="train" onClick={() => go("train")}>Train one</Button>
        : <Button kind="go" icon="library" onClick={() => go("library")}>Bring sounds in</Button>}
    >
      {library ? "An instrument learns your library. Then its sounds are laid out as it hears them, and every place between them can be played." : "Bring sounds in first. An instrument learns them, and lays them out here."}
    </EmptyState>
  );
}

/** An instrument without a cloud of sounds, such as one of a single recording. */
export function NoMap({ name, isRecording }: { name: string; isRecording: boolean }) {
  return (
    <EmptyState
      icon="map" title={`${name} has no map`}
      actions={<Button kind="go" icon={isRecording ? "recording" : "keys"} onClick={() => go(isRecording ? "recording" : "play")}>{isRecording ? "Work on its recording" : "Play it"}</Button>}
    >
      {isRecording ? "It learned one recording, not a library of sounds. Choose another instrument above for a map." : "It holds no sounds that could be laid out. Choose another instrument above."}
    </EmptyState>
  );
}

const SAYS: Record<Projection, string> = {
  umap: "UMAP: near sounds lie near, in clear groups. The usual choice.",
  tsne: "t-SNE: groups spread evenly over the map.",
  pca: "PCA: quick and the same each time; the two directions in which sounds differ most.",
};

/** Not laid out yet: offers it, and shows how far it is. */
export function NotLaidOut() {
  const name = instrument.value?.name ?? "";
  const job = jobs.value.find((one) => one.kind === "map" && one.instrument === name && one.state !== "done");
  const isOpen = job?.state === "running" || job?.state === "queued";
  return (
    <EmptyState icon="map" title={isOpen ? "Laying the map out" : "The map is not laid out yet"}>
      <div class="t-stack map-notready">
        <p>{SAYS[projection.value]}</p>
        {job && <JobCard job={job} />}
        {!isOpen && (
          <div class="t-row" data-wrap>
            <Select<Projection> label="Layout" hideLabel value={projection.value} options={PROJECTIONS.map((one) => ({ value: one, label: { umap: "UMAP", tsne: "t-SNE", pca: "PCA" }[one] }))} onChange={setProjection} />
            <Button kind="go" icon="map" onClick={() => void layOut(false)}>Lay it out</Button>
          </div>
        )}
      </div>
    </EmptyState>
  );
}
