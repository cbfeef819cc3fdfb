import { useCallback, useMemo, useState } from "preact/hooks";
import { start, bufferOf, localUrl } from "../audio/engine";
import { wavBlob } from "../audio/wav";
import { Badge } from "../design/Badge";
import { Button } from "../design/Button";
import { CommandLine } from "../design/CommandLine";
import { Dialog, Drawer } from "../design/Dialog";
import { DropZone } from "../design/DropZone";
import { EmptyState } from "../design/EmptyState";
import { ErrorNote } from "../design/ErrorNote";
import { TextField } from "../design/Field";
import { Icon } from "../design/Icon";
import { IconButton } from "../design/IconButton";
import { ICONS, type IconName } from "../design/icons";
import { LineChart } from "../design/LineChart";
import { Menu } from "../design/Menu";
import { MiniWave } from "../design/MiniWave";
import { NumberField } from "../design/NumberField";
import { clock, count, hertz } from "../design/numbers";
import { Panel } from "../design/Panel";
import { Progress } from "../design/Progress";
import { Select } from "../design/Select";
import { Slider } from "../design/Slider";
import { SoundCard } from "../design/SoundCard";
import { Segmented, Tabs } from "../design/Tabs";
import { Toasts } from "../design/Toast";
import { Toggle } from "../design/Toggle";
import { Tooltip, TooltipLayer } from "../design/Tooltip";
import { VirtualTable, type Column, type Sort } from "../design/VirtualTable";
import { LABEL_COLOURS } from "../scatter/palette";
import { ScatterPlot } from "../scatter/ScatterPlot";
import type { Mode, Scatter, Way } from "../scatter/Scatter";
import { nextTheme, setTheme, theme } from "../state/theme";
import { toast, toastError } from "../state/toasts";
import { ApiError } from "../api/client";
import { cloud, decay, rowsOf, type SampleRow } from "./sample";

export function Gallery() {
  return (
    <main class="gal">
      <div class="t-row">
        <h1 class="t-grow">The components</h1>
        <Button onClick={() => setTheme(nextTheme(theme.value))}>{`Theme: ${theme.value}`}</Button>
      </div>
      <div class="gal-grid">
        <Buttons /><Fields /><Sliders /><Telling /><Sounds /><Surfaces />
      </div>
      <Plot />
      <Table />
      <div class="gal-grid"><Chart /><Icons /><Panel title="Empty" flush><EmptyState icon="library" title="No sounds yet" actions={<><Button kind="go">Make the demo library</Button><Button>Name a folder</Button></>}>A library is the catalogue of your own sounds. They stay where they are; timbrel never moves or changes them.</EmptyState></Panel></div>
      <Toasts />
      <TooltipLayer />
    </main>
  );
}

function Buttons() {
  const [mode, setMode] = useState("label");
  return (
    <Panel title="Buttons" actions={<IconButton icon="more" label="More" />}>
      <div class="t-stack">
        <div class="t-row" data-wrap><Button kind="go" icon="dice">Make 16 sounds</Button><Button icon="folder">Choose</Button><Button kind="quiet">Skip</Button><Button kind="danger" icon="trash">Delete</Button></div>
        <div class="t-row" data-wrap><Button size="s">Small</Button><Button size="l">Large</Button><Button busy>Working</Button><Button disabled>Not now</Button><Button pressed>Pressed</Button></div>
        <div class="t-row" data-wrap><IconButton icon="play" label="Play" kind="go" /><IconButton icon="loop" label="Loop" pressed /><IconButton icon="star" label="Star" keys="s" filled /><IconButton icon="undo" label="Undo" keys="mod+z" /><IconButton icon="redo" label="Redo" disabled />
          <Menu label="Export" items={[{ label: "WAV", onSelect: () => toast("WAV"), icon: "file", keys: "mod+e" }, { label: "FLAC", onSelect: () => toast("FLAC") }, "-", { label: "With the card", onSelect: () => toast("Card"), checked: true }, { label: "Delete", danger: true, onSelect: () => toast("Gone"), icon: "trash" }]} />
        </div>
        <Segmented label="Colour by" current={mode} onChange={setMode} choices={[{ id: "label", label: "Label" }, { id: "pitch", label: "Pitch" }, { id: "length", label: "Length" }, { id: "level", label: "Level" }]} />
        <div class="t-row" data-wrap><Badge>plain</Badge><Badge tone="accent">new</Badge><Badge tone="good">done</Badge><Badge tone="warn">near copy</Badge><Badge tone="bad">failed</Badge><Badge colour={LABEL_COLOURS[0]}>kick</Badge></div>
      </div>
    </Panel>
  );
}

function Fields() {
  const [name, setName] = useState("drums");
  const [minutes, setMinutes] = useState(10);
  const [recipe, setRecipe] = useState("small");
  const [isOn, setOn] = useState(true);
  return (
    <Panel title="Fields">
      <div class="t-stack">
        <TextField label="Name of the instrument" value={name} onInput={setName} hint="Letters, digits and dashes." error={/^[\w-]+$/.test(name) ? null : "Only letters, digits and dashes."} />
        <div class="t-row"><div class="t-grow"><NumberField label="Time" unit="min" value={minutes} min={1} max={600} onChange={setMinutes} /></div><div class="t-grow"><Select label="Recipe" value={recipe} onChange={setRecipe} options={[{ value: "small", label: "Drums, small" }, { value: "large", label: "Drums, large", group: "Slow here" }]} /></div></div>
        <TextField label="Search" hideLabel type="search" placeholder="Search by word" value="" onInput={() => undefined} />
        <TextField label="A bad one" value="a b c!" onInput={() => undefined} error="Only letters, digits and dashes." />
        <Toggle label="Play on hover" checked={isOn} onChange={setOn} hint="Points sound as the pointer comes to them." />
        <CommandLine command="timbrel train drums-small --name drums --minutes 10 --seed 1" />
      </div>
    </Panel>
  );
}

function Sliders() {
  const [values, setValues] = useState([0.42, -1.5, 3, 0.8]);
  const [locked, setLocked] = useState(true);
  const set = (at: number) => (value: number) => setValues((now) => now.map((one, place) => (place === at ? value : one)));
  return (
    <Panel title="Sliders" actions={<><IconButton icon="dice" label="Random" keys="r" /><IconButton icon="undo" label="Undo" /></>}>
      <div class="t-stack">
        <Slider label="Brightness" value={values[0]!} onInput={set(0)} initial={0.5} />
        <Slider label="Pitch" value={values[1]!} min={-12} max={12} step={0.5} unit="st" onInput={set(1)} onLock={() => undefined} />
        <Slider label="Length" value={values[2]!} min={0} max={8} step={0.1} format={(value) => `${value.toFixed(1)} s`} onInput={set(2)} locked={locked} onLock={setLocked} />
        <Slider label="Noisiness" value={values[3]!} onInput={set(3)} disabled />
        <Progress label="Training" done={41} total={100} secondsLeft={134} note="step 4,100: the loss still falls" />
        <Progress label="Reading sounds" done={12480} total={100000} secondsLeft={75} unit="sounds" />
        <Progress label="Preparing" done={0} total={null} />
      </div>
    </Panel>
  );
}

function Telling() {
  const [tab, setTab] = useState("near");
  return (
    <Panel title="Telling">
      <div class="t-stack">
        <ErrorNote text="This folder cannot be scanned." given="/home/mia/Samples/old" accepted="A folder that can be read." advice="Check the path, or give yourself the right to read it." onRetry={() => undefined} />
        <Tabs label="Of this sound" current={tab} onChange={setTab} tabs={[{ id: "near", label: "Nearest", badge: <Badge>8</Badge> }, { id: "from", label: "Where from" }]}>
          {tab === "near" ? "The nearest sounds of the library." : "Made by drums, seed 12."}
        </Tabs>
        <div class="t-row" data-wrap>
          <Button onClick={() => toast("Saved 16 sounds.", { kind: "good", action: { label: "Show", run: () => undefined } })}>Good news</Button>
          <Button onClick={() => toastError(new ApiError(400, "minutes = -1", "A number from 1 to 600.", "Give a time of at least a minute.", "This time cannot be."))}>Bad news</Button>
          <Tooltip text="A hint on hover and focus" keys="h"><Button>Hint</Button></Tooltip>
        </div>
      </div>
    </Panel>
  );
}

function Sounds() {
  const [verdict, setVerdict] = useState<"star" | "reject" | null>("star");
  const sounds = useMemo(() => [3, 4, 5].map((seed) => ({ samples: decay(seed), url: localUrl(wavBlob([decay(seed, 22050)], 44100)) })), []);
  return (
    <Panel title="Sounds">
      <div class="t-stack">
        {sounds.map(({ samples, url }, at) => (
          <SoundCard key={url} name={["deep kick", "a snare with quite a long name that must be cut", "hat"][at]!} url={url} samples={samples} detail={["0.50 s", "seed 4", "12 % off"][at]} colour={at === 2 ? LABEL_COLOURS[4] : undefined} verdict={at === 0 ? verdict : at === 1 ? "reject" : null} onVerdict={setVerdict} selected={at === 2} />
        ))}
        <MiniWave samples={decay(9)} progress={0.4} normalise label="A snare" />
        <Button icon="play" onClick={() => start(bufferOf([decay(3, 22050)], 44100))}>Play at once</Button>
      </div>
    </Panel>
  );
}

function Surfaces() {
  const [open, setOpen] = useState<"" | "dialog" | "drawer">("");
  return (
    <Panel title="Surfaces">
      <div class="t-stack">
        <div class="t-row"><Button onClick={() => setOpen("dialog")}>Open a dialog</Button><Button onClick={() => setOpen("drawer")}>Open a drawer</Button></div>
        <DropZone label="Drop a folder or files" hint="WAV, FLAC, AIFF, MP3, OGG" folders onFiles={(files) => toast(`${files.length} files, the first is ${files[0]?.path}`)} />
        <DropZone compact label="Drop a guide" multiple={false} onFiles={(files) => toast(files[0]?.path ?? "")} />
      </div>
      <Dialog open={open === "dialog"} title="Rename 12 sounds" onClose={() => setOpen("")} actions={<><Button onClick={() => setOpen("")}>Leave them</Button><Button kind="go" onClick={() => setOpen("")}>Rename</Button></>}>
        <TextField label="Pattern" value="{instrument} {number}" onInput={() => undefined} mono />
      </Dialog>
      <Drawer open={open === "drawer"} title="Where it comes from" onClose={() => setOpen("")}>Made by drums with seed 12.</Drawer>
    </Panel>
  );
}

function Plot() {
  const { positions, colours, shapes, signs } = useMemo(() => cloud(100_000), []);
  const styles = useMemo(() => ({ colours, shapes }), []);
  const [mode, setMode] = useState<Mode>("explore");
  const [selected, setSelected] = useState<number[] | null>(null);
  const [way, setWay] = useState<Way | null>(null);
  const [said, setSaid] = useState("Nothing yet");
  const [plot, setPlot] = useState<Scatter | null>(null);
  const marks = useMemo(() => [{ index: 12, text: "A" }, { index: 999, text: "B" }, { x: 0.5, y: 0.62, kind: "new" as const }], []);
  return (
    <Panel
      title={`${count(positions.length / 2)} points`} flush
      actions={<>
        <Segmented label="What a drag does" current={mode} onChange={setMode} choices={[{ id: "explore", label: "Move", icon: "pointer" }, { id: "path", label: "Draw a path", icon: "path" }, { id: "lasso", label: "Lasso", icon: "lasso" }]} />
        <IconButton icon="plus" label="Zoom in" onClick={() => plot?.zoomBy(1.6)} /><IconButton icon="minus" label="Zoom out" onClick={() => plot?.zoomBy(1 / 1.6)} /><IconButton icon="fit" label="Show all" onClick={() => plot?.reset()} />
      </>}
    >
      <div class="gal-map">
        <ScatterPlot
          label="A map of sample sounds" positions={positions} styles={styles} signs={signs} marks={marks} mode={mode} selected={selected} way={way} onReady={(made) => { setPlot(made); (window as unknown as { plot: Scatter }).plot = made; }}
          onHover={(index) => setSaid(index < 0 ? "Nothing" : `Point ${index}`)} onClick={(index, [x, y]) => { setSaid(`Click on ${index ?? "empty"} at ${x.toFixed(3)}, ${y.toFixed(3)}`); setSelected(null); }}
          onLasso={(all) => { setSelected(all.length ? all : null); setSaid(`${all.length} chosen`); }} onPath={(points) => { setWay({ points, head: 0.4 }); setSaid(`A way of ${points.length} points`); }}
        />
      </div>
      <p class="t-hint" id="said">{said}</p>
    </Panel>
  );
}

const COLUMNS: Column<SampleRow>[] = [
  { id: "name", title: "Name", width: "minmax(9rem, 3fr)", cell: (row) => row.name, sortable: true },
  { id: "label", title: "Label", width: "minmax(5rem, 1fr)", cell: (row) => <Badge colour={LABEL_COLOURS[row.label.length % 10]}>{row.label}</Badge>, sortable: true },
  { id: "seconds", title: "Length", width: "6rem", cell: (row) => clock(row.seconds, true), sortable: true, numeric: true, from: 420 },
  { id: "hz", title: "Pitch", width: "6rem", cell: (row) => hertz(row.hz), sortable: true, numeric: true, from: 640 },
  { id: "db", title: "Level", width: "6rem", cell: (row) => `${row.db.toFixed(1)} dB`, numeric: true, from: 720 },
];

function Table() {
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set(["s1", "s3"]));
  const [sort, setSort] = useState<Sort>({ column: "name", descending: false });
  const fetchPage = useCallback(async (from: number, many: number) => {
    await new Promise((resolve) => setTimeout(resolve, 60));
    return rowsOf(from, Math.min(many, 100_000 - from));
  }, []);
  return (
    <Panel title="100,000 rows" flush actions={<span class="t-soft">{selected.size} chosen</span>}>
      <div class="gal-table">
        <VirtualTable label="Sample sounds" rowCount={100_000} columns={COLUMNS} fetchPage={fetchPage} rowKey={(row) => row.id} sort={sort} onSort={setSort} selected={selected} onSelect={setSelected} onSelectAll={() => setSelected(new Set())} />
      </div>
    </Panel>
  );
}

function Chart() {
  const data = useMemo<[number[], number[], number[]]>(() => {
    const steps = Array.from({ length: 120 }, (_, at) => at * 50);
    return [steps, steps.map((step, at) => 2.4 * Math.exp(-step / 1500) + 0.3 + 0.04 * Math.sin(at)), steps.map((step) => 2.5 * Math.exp(-step / 1500) + 0.42)];
  }, []);
  return <Panel title="Loss"><LineChart label="The loss falls from 2.7 to 0.4 in 6,000 steps" data={data} xName="step" lines={[{ name: "training" }, { name: "held out", dashed: true }]} formatX={count} /></Panel>;
}

function Icons() {
  return <Panel title="Icons"><div class="t-row" data-wrap>{(Object.keys(ICONS) as IconName[]).map((name) => <span key={name} title={name}><Icon name={name} size={1.25} /></span>)}</div></Panel>;
}
