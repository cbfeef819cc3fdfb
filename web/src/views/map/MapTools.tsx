import { Menu } from "../../design/Menu";
import { NumberField } from "../../design/NumberField";
import { Select } from "../../design/Select";
import { Segmented } from "../../design/Tabs";
import type { Mode } from "../../scatter/Scatter";
import { toastError } from "../../state/toasts";
import { instrument, startJob } from "../../state/workspace";
import { mode, playOnHover, projection, PROJECTIONS, setPlayOnHover, setProjection, waySeconds, type Projection } from "./desk";

const MODES = [
  { id: "explore", label: "Explore", icon: "pointer" },
  { id: "path", label: "Path", icon: "path" },
  { id: "lasso", label: "Lasso", icon: "lasso" },
] as const;
const NAMES: Record<Projection, string> = { umap: "UMAP", tsne: "t-SNE", pca: "PCA" };

/** What a drag does, and how the map is laid out. */
export function MapTools() {
  return (
    <>
      {mode.value === "path" && (
        <div class="map-seconds"><NumberField inline label="Length of a path" hideLabel value={waySeconds.value} min={0.5} max={60} step={0.5} unit="s" onChange={(seconds) => { waySeconds.value = seconds; }} /></div>
      )}
      <Segmented<Mode> label="What a drag does" choices={MODES} current={mode.value} onChange={(next) => { mode.value = next; }} />
      <div class="map-layout">
        <Select<Projection> label="Layout" hideLabel value={projection.value} options={PROJECTIONS.map((one) => ({ value: one, label: NAMES[one] }))} onChange={setProjection} />
      </div>
      <Menu
        label="More" icon="more" iconOnly kind="quiet"
        items={[
          { label: "Play on hover", keys: "h", checked: playOnHover.value, onSelect: () => setPlayOnHover(!playOnHover.value) },
          "-",
          ...PROJECTIONS.map((one) => ({ label: `Layout: ${NAMES[one]}`, checked: projection.value === one, onSelect: () => setProjection(one) })),
          "-",
          { label: "Lay the map out anew", icon: "refresh", onSelect: () => void layOut(true) },
        ]}
      />
    </>
  );
}

/** Asks for the map; `fresh` begins from nothing, with the library's new sounds. */
export async function layOut(fresh: boolean): Promise<void> {
  const name = instrument.value?.name;
  if (name) await startJob({ kind: "map", instrument: name, projection: projection.value, fresh }).catch(toastError);
}
