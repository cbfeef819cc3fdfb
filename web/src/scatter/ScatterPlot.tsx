import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { shownTheme } from "../state/theme";
import { Scatter, type Mark, type Mode, type PointStyles, type ScatterEvents, type Sign, type Way } from "./Scatter";
import "./scatter.css";

export interface ScatterPlotProps extends ScatterEvents {
  /** What the points are, for screen readers. */
  label: string;
  /** x, y, x, y ... from 0 to 1, y up. A new array is another map. */
  positions: Float32Array;
  /** A new object restyles all points: build it with `useMemo`. */
  styles?: PointStyles | undefined;
  /** All others are dimmed; null for none. */
  selected?: Iterable<number> | null | undefined;
  signs?: readonly Sign[] | undefined;
  marks?: readonly Mark[] | undefined;
  way?: Way | null | undefined;
  mode?: Mode | undefined;
  pointSize?: number | undefined;
  /** Says a point in words; told when the keys come to it. */
  describe?: ((index: number) => string) | undefined;
  /** Gives the plot itself, for `zoomBy`, `reset`, `show`, `focusPoint`. */
  onReady?: ((scatter: Scatter) => void) | undefined;
  /** Laid over the plot: tooltips, zoom buttons. */
  children?: ComponentChildren;
}

const KEYS = "Arrow keys go from sound to sound, with Shift freely. Enter picks. Plus and minus zoom, 0 shows all.";

export function ScatterPlot(props: ScatterPlotProps) {
  const box = useRef<HTMLDivElement>(null);
  const scatter = useRef<Scatter | null>(null);
  const [told, setTold] = useState("");
  const theme = shownTheme.value;

  useEffect(() => {
    if (!box.current) return undefined;
    const made = new Scatter(box.current);
    scatter.current = made;
    props.onReady?.(made);
    return () => {
      made.destroy();
      scatter.current = null;
    };
  }, []);
  useEffect(() => {
    if (!scatter.current) return;
    scatter.current.events = {
      onHover: (index, byKey) => {
        if (byKey) setTold(index >= 0 ? (props.describe?.(index) ?? `Point ${index + 1}`) : "Empty place");
        props.onHover?.(index, byKey);
      },
      onClick: props.onClick,
      onLasso: props.onLasso,
      onPath: props.onPath,
      onPathStep: props.onPathStep,
      onCamera: props.onCamera,
    };
  });
  useEffect(() => scatter.current?.setPoints(props.positions), [props.positions]);
  useEffect(() => scatter.current?.setStyles(props.styles ?? {}), [props.styles]);
  useEffect(() => scatter.current?.setSelected(props.selected ?? null), [props.selected]);
  useEffect(() => scatter.current?.setSigns(props.signs ?? []), [props.signs]);
  useEffect(() => scatter.current?.setMarks(props.marks ?? []), [props.marks]);
  useEffect(() => scatter.current?.setWay(props.way ?? null), [props.way]);
  useEffect(() => scatter.current?.setMode(props.mode ?? "explore"), [props.mode]);
  useEffect(() => scatter.current?.setPointSize(props.pointSize ?? 1), [props.pointSize]);
  useEffect(() => scatter.current?.restyle(), [theme]);

  return (
    <div class="t-scatter">
      <div ref={box} class="t-scatter-stage" role="application" tabIndex={0} aria-label={`${props.label}. ${KEYS}`} data-own-keys />
      <div class="t-unseen" aria-live="polite">{told}</div>
      {props.children}
    </div>
  );
}
