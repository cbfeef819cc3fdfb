import { useEffect, useRef } from "preact/hooks";
import type uPlot from "uplot";
import type { AlignedData } from "uplot";
import { shownTheme, token } from "../state/theme";
import "./chart.css";

export interface Line {
  name: string;
  /** A colour, or a token's name; the accent is the first line's. */
  colour?: string | undefined;
  dashed?: boolean | undefined;
}

export interface LineChartProps {
  /** What is shown, for screen readers: say the finding, not the form. */
  label: string;
  /** The x values, then one row of values a line; null for a gap. */
  data: AlignedData;
  lines: readonly Line[];
  xName?: string | undefined;
  yName?: string | undefined;
  height?: number | undefined;
  /** Of y: decades are evenly far apart. */
  logarithmic?: boolean | undefined;
  formatX?: ((value: number) => string) | undefined;
  formatY?: ((value: number) => string) | undefined;
}

const COLOURS = ["accent", "soft", "good", "warn", "bad"];

/** Lines over steps or time, as wide as its box. uplot is loaded when the first is shown. */
export function LineChart(props: LineChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const theme = shownTheme.value;
  const { label, lines, height = 220, logarithmic } = props;
  useEffect(() => {
    let isGone = false;
    const element = box.current;
    if (!element) return undefined;
    const watcher = new ResizeObserver(() => chart.current?.setSize({ width: element.clientWidth, height }));
    void import("uplot").then(({ default: UPlot }) => {
      if (isGone) return;
      chart.current = new UPlot(optionsOf(latest.current, element.clientWidth, height), latest.current.data, element);
      watcher.observe(element);
    });
    return () => {
      isGone = true;
      watcher.disconnect();
      chart.current?.destroy();
      chart.current = null;
    };
  }, [theme, height, logarithmic, lines.map((line) => line.name).join("|")]);
  useEffect(() => {
    chart.current?.setData(props.data);
  }, [props.data]);
  return <div ref={box} class="t-chart" role="img" aria-label={label} style={{ minHeight: `${height}px` }} />;
}

function optionsOf(props: LineChartProps, width: number, height: number): uPlot.Options {
  const { lines, xName = "", yName, logarithmic, formatX = String, formatY = (value: number) => value.toPrecision(3) } = props;
  const axis = { stroke: token("soft"), grid: { stroke: token("line"), width: 1 }, ticks: { show: false }, font: "11px system-ui, sans-serif", gap: 6 };
  return {
    width,
    height,
    legend: { live: true },
    cursor: { y: false, points: { size: 6 } },
    scales: { x: { time: false }, y: { distr: logarithmic ? 3 : 1 } },
    axes: [
      { ...axis, size: 28, values: (_, all) => all.map((value) => formatX(value)) },
      { ...axis, size: 52, ...(yName ? { label: yName, labelSize: 16, labelFont: axis.font } : {}), values: (_, all) => all.map((value) => (value === null ? "" : formatY(value))) },
    ],
    series: [
      { label: xName || " ", value: (_, value) => (value === null || value === undefined ? "–" : formatX(value)) },
      ...lines.map((line, at) => ({
        label: line.name,
        stroke: colourOf(line, at),
        width: 1.75,
        points: { show: false },
        ...(line.dashed ? { dash: [5, 4] } : {}),
        value: (_: uPlot, value: number | null) => (value === null || value === undefined ? "–" : formatY(value)),
      })),
    ],
  };
}

function colourOf(line: Line, at: number): string {
  const name = line.colour ?? COLOURS[at % COLOURS.length] ?? "accent";
  return /^[a-z-]+$/.test(name) ? token(name) || name : name;
}
