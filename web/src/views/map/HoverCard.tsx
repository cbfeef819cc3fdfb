import { MiniWave } from "../../design/MiniWave";
import { instrument } from "../../state/workspace";
import { pieceOf, useOutline } from "../sounds/refs";
import { length } from "../sounds/words";
import { colourOf, groupOf, noteOf, partOf, type Cloud } from "./cloud";
import { cloud, hovered } from "./desk";

/** What is under the pointer: in a corner, so that it covers nothing that is pointed at. */
export function HoverCard() {
  const map = cloud.value;
  const index = hovered.value;
  if (!map || index < 0) return <div class="map-hover" data-empty aria-hidden="true" />;
  return <Shown map={map} index={index} />;
}

function Shown({ map, index }: { map: Cloud; index: number }) {
  const part = partOf(map, index, instrument.value?.duration_s ?? 0);
  const peaks = useOutline(map.sounds[index] ?? null, part ? 2000 : 160, 120);
  const shown = peaks && part ? pieceOf(peaks, part.startS, part.seconds) : peaks?.peaks;
  return (
    <div class="map-hover" aria-hidden="true">
      <span class="map-hover-name t-clip">{map.names[index]}</span>
      <span class="map-hover-facts t-clip"><span class="t-dot" style={{ background: colourOf(map, index) ?? "" }} />{facts(map, index)}</span>
      <MiniWave peaks={shown} colour={colourOf(map, index)} normalise />
    </div>
  );
}

export function facts(map: Cloud, index: number): string {
  const [pitch, seconds, startS] = [map.pitches[index], map.lengthsS[index], map.startsS[index] ?? 0];
  const where = startS > 0 ? `from ${length(startS)}` : "";
  return [groupOf(map, index), where, seconds ? length(seconds) : "", pitch === null || pitch === undefined ? "" : noteOf(pitch)].filter(Boolean).join(" · ");
}
