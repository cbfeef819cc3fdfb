import { useMemo, useRef } from "preact/hooks";
import { stopAll } from "../../audio/engine";
import { IconButton } from "../../design/IconButton";
import { toPixels } from "../../scatter/camera";
import { ScatterPlot } from "../../scatter/ScatterPlot";
import type { Point } from "../../scatter/Scatter";
import { describe, type Cloud } from "./cloud";
import { stylesOf, type Classes } from "./colouring";
import { choose, chosen, hidden, hovered, inHand, marks, mode, placed, playOnHover, plot, way, type Placed } from "./desk";
import { HoverCard } from "./HoverCard";
import { hearMade, hearPoint, pickAt, pickWay } from "./making";
import { Speed } from "./Speed";

const HOVER_MS = 30;
const HIT_PX = 10;

/** The map itself. Moving over it renders nothing here: what follows the pointer reads `hovered` for itself. */
export function Plot({ map, classes }: { map: Cloud; classes: Classes }) {
  const timer = useRef(0);
  const styles = useMemo(() => stylesOf(classes, hidden.value), [classes, hidden.value]);
  const signs = useMemo(() => map.signs.filter((sign) => isShown(map, classes, sign.text)), [map, classes, hidden.value]);
  const line = useMemo(() => (way.value ? { points: way.value } : null), [way.value]);

  const onHover = (index: number, byKey: boolean): void => {
    hovered.value = index;
    clearTimeout(timer.current);
    if (index >= 0 && (byKey || playOnHover.value)) timer.current = window.setTimeout(() => void hearPoint(index, true), HOVER_MS);
  };
  const onClick = (index: number | null, at: Point, event: PointerEvent | KeyboardEvent): void => {
    clearTimeout(timer.current);
    const made = index === null ? madeNear(at) : null;
    if (index !== null) {
      inHand.value = { kind: "point", index };
      void hearPoint(index);
    } else if (made) {
      inHand.value = { kind: "made", id: made.made.id };
      void hearMade(made);
    } else void pickAt(at, event.timeStamp);
  };

  return (
    <ScatterPlot
      label={`Map of ${map.count} sounds. A click in the empty makes a new sound`} positions={map.positions} styles={styles} selected={chosen.value} signs={signs}
      marks={marks.value} way={line} mode={mode.value} describe={(index) => describe(map, index)} onReady={(made) => { plot.current = made; }}
      onHover={onHover} onClick={onClick} onLasso={(indices) => choose(indices, "in the lasso")} onPath={(points) => void pickWay(points)}
      onPathStep={() => { if (way.value) { way.value = null; stopAll(); } }}
    >
      <div class="map-zoom">
        <IconButton icon="plus" kind="plain" size="s" label="Nearer" keys="+" onClick={() => plot.current?.zoomBy(1.6)} />
        <IconButton icon="minus" kind="plain" size="s" label="Farther" keys="-" onClick={() => plot.current?.zoomBy(1 / 1.6)} />
        <IconButton icon="fit" kind="plain" size="s" label="Show all" keys="0" onClick={() => plot.current?.reset()} />
      </div>
      <HoverCard />
      <Speed />
    </ScatterPlot>
  );
}

function isShown(map: Cloud, classes: Classes, sign: string): boolean {
  const group = classes.isScale ? -1 : map.groups.indexOf(sign);
  return group < 0 || !hidden.value.has(group);
}

/** The sound that was made at a place, within reach of a pointer. */
function madeNear(at: Point): Placed | null {
  const stage = document.querySelector(".t-scatter-stage");
  if (!plot.current || !stage) return null;
  const { camera } = plot.current;
  const pixels = (point: Point): Point => toPixels(camera, { width: stage.clientWidth, height: stage.clientHeight }, point);
  const [left, top] = pixels(at);
  let [best, least]: [Placed | null, number] = [null, HIT_PX];
  for (const one of placed.value) {
    if (!one.at || one.made.rejected) continue;
    const [otherLeft, otherTop] = pixels(one.at);
    const far = Math.hypot(otherLeft - left, otherTop - top);
    if (far < least) [best, least] = [one, far];
  }
  return best;
}
