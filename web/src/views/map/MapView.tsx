import { useEffect, useMemo } from "preact/hooks";
import { stopAll } from "../../audio/engine";
import { Thrown } from "../../design/ErrorNote";
import { count } from "../../design/numbers";
import { Tabs } from "../../design/Tabs";
import { ViewFrame } from "../../design/ViewFrame";
import { instrument, state } from "../../state/workspace";
import { ChosenPanel } from "./ChosenPanel";
import { classesOf } from "./colouring";
import { chosen, cloud, colouring, panel, placed, plot, tray } from "./desk";
import { InHand } from "./InHand";
import { useMapKeys } from "./keys";
import { Legend } from "./Legend";
import { useMap } from "./loading";
import { tookAway } from "./made";
import { MadeList } from "./MadeList";
import { MapTools } from "./MapTools";
import { Mix } from "./Mix";
import { NoInstrument, NoMap, NotLaidOut } from "./NotReady";
import { Plot } from "./Plot";
import type { Cloud } from "./cloud";
import "./map.css";

export function MapView() {
  const own = instrument.value;
  if (!state.value) return <ViewFrame title="Map" fill />;
  if (!own) return <ViewFrame title="Map" fill><NoInstrument /></ViewFrame>;
  if (!own.has_map) return <ViewFrame title="Map" fill><NoMap name={own.name} isRecording={own.of_recordings ?? false} /></ViewFrame>;
  return <Loaded />;
}

function Loaded() {
  const loading = useMap();
  const map = cloud.value;
  if (loading.state === "failed") return <ViewFrame title="Map" fill actions={<MapTools />}><Thrown error={loading.error} onRetry={loading.retry} /></ViewFrame>;
  if (loading.state === "missing") return <ViewFrame title="Map" fill><NotLaidOut /></ViewFrame>;
  if (!map) return <ViewFrame title="Map" fill actions={<MapTools />} side={<div />}><div class="map-box" aria-busy="true" /></ViewFrame>;
  return <Ready map={map} />;
}

function Ready({ map }: { map: Cloud }) {
  const classes = useMemo(() => classesOf(map, colouring.value), [map, colouring.value]);
  useMapKeys();
  useEffect(() => () => { plot.current = null; stopAll(); }, []);
  return (
    <ViewFrame title="Map" fill lead={`${count(map.count)} sounds${map.added ? `, ${count(map.added)} newer than the instrument` : ""}`} actions={<MapTools />} side={<Side />}>
      <div class="map-box">
        <Plot map={map} classes={classes} />
        <Legend classes={classes} map={map} />
      </div>
    </ViewFrame>
  );
}

function Side() {
  const tabs = [
    { id: "made", label: "Made here", badge: <Count of={placed.value.filter((one) => !one.made.rejected).length} /> },
    { id: "mix", label: "Mix", badge: <Count of={tray.value.length} /> },
    { id: "chosen", label: "Chosen", badge: <Count of={chosen.value?.length ?? 0} /> },
  ] as const;
  return (
    <>
      <div class="map-hand" onDragStart={tookAway} onClick={(event) => { if ((event.target as Element).closest("[aria-label^=Download]")) tookAway(); }}><InHand /></div>
      <div class="map-tabs">
        <Tabs label="Sounds" tabs={tabs} current={panel.value} onChange={(id) => { panel.value = id; }}>
          {panel.value === "made" ? <MadeList /> : panel.value === "mix" ? <Mix /> : <ChosenPanel />}
        </Tabs>
      </div>
    </>
  );
}

function Count({ of }: { of: number }) {
  return of ? <span class="map-count">{count(of)}</span> : null;
}
