/** The map's keys. Arrows, Enter, plus, minus and 0 belong to the plot while it has the focus. */

import { stopAll } from "../../audio/engine";
import { useShortcuts } from "../../state/shortcuts";
import { choose, cloud, colouring, hovered, inHand, madeInHand, mode, playOnHover, plot, setColouring, setPlayOnHover, way } from "./desk";
import { ingredientOf, intoTray, ofMade } from "./InHand";
import { judge } from "./made";
import { hearMade, hearPoint, pickMix } from "./making";

const COLOURINGS = ["group", "pitch", "length", "level"] as const;

export function useMapKeys(): void {
  useShortcuts("Map", [
    { keys: "v", says: "Explore", run: () => { mode.value = "explore"; } },
    { keys: "p", says: "Draw paths", run: () => { mode.value = mode.value === "path" ? "explore" : "path"; } },
    { keys: "l", says: "Lasso", run: () => { mode.value = mode.value === "lasso" ? "explore" : "lasso"; } },
    { keys: "c", says: "Colour by the next", run: () => setColouring(COLOURINGS[(COLOURINGS.indexOf(colouring.value) + 1) % COLOURINGS.length] ?? "group") },
    { keys: "r", says: "Hear again", run: again },
    { keys: "s", says: "Star the new sound in hand", run: star },
    { keys: "t", says: "Put the sound in hand into the mix", run: intoMix },
    { keys: "shift+t", says: "Hear the mix", run: (event) => void pickMix(event.timeStamp) },
    { keys: "h", says: "Play on hover, or not", run: () => setPlayOnHover(!playOnHover.value) },
    { keys: "0", says: "Show all of the map", run: () => plot.current?.reset() },
    { keys: "escape", says: "Silence, choose none, explore", run: clear },
    { keys: "arrowright", says: "From sound to sound, in the plot", run: focusPlot },
    { keys: "enter", says: "Play it, or make a new sound there, in the plot", run: focusPlot },
  ]);
}

function focusPlot(): void {
  document.querySelector<HTMLElement>(".t-scatter-stage")?.focus();
}

function again(): void {
  const now = inHand.value;
  if (now?.kind === "point") void hearPoint(now.index);
  else if (madeInHand.value) void hearMade(madeInHand.value);
}

function star(): void {
  const made = madeInHand.value?.made;
  if (made) void judge(made.id, made.starred ? null : "star");
}

function intoMix(): void {
  const map = cloud.value;
  const now = inHand.value;
  if (map && hovered.value >= 0) intoTray(ingredientOf(map, hovered.value));
  else if (map && now?.kind === "point") intoTray(ingredientOf(map, now.index));
  else if (madeInHand.value) intoTray(ofMade(madeInHand.value));
}

function clear(): void {
  stopAll();
  choose(null);
  way.value = null;
  mode.value = "explore";
}
