import { several, roughTime } from "../design/numbers";
import { Icon, type IconName } from "../design/Icon";
import { IconButton } from "../design/IconButton";
import { Select } from "../design/Select";
import { chooseInstrument, connected, instrument, instruments, runningJobs, state } from "../state/workspace";
import { nextTheme, setTheme, theme, type Theme } from "../state/theme";
import { jobsOpen } from "./JobDrawer";
import { helpOpen } from "./KeyboardHelp";
import { Output } from "./Output";

export function TopBar() {
  return (
    <header class="shell-bar">
      <Workspace />
      <InstrumentChooser />
      <span class="t-grow" />
      {!connected.value && <span class="shell-lost" role="status"><Icon name="warning" size={1} /><span>No connection, trying again</span></span>}
      <JobsButton />
      <Output />
      <ThemeButton />
      <IconButton icon="help" label="Keys" keys="?" onClick={() => { helpOpen.value = true; }} class="shell-help" />
    </header>
  );
}

function Workspace() {
  const now = state.value;
  return (
    <div class="shell-workspace" title={now?.place}>
      <span class="t-clip">{now ? now.workspace : " "}</span>
      <small class="t-soft">{now?.library ? several(now.library.count, "sound") : " "}</small>
    </div>
  );
}

function InstrumentChooser() {
  const all = instruments.value;
  const options = all.length ? all.map((one) => ({ value: one.name, label: one.name })) : [{ value: "", label: "No instrument yet" }];
  return (
    <div class="shell-instrument">
      <Select label="Instrument" hideLabel value={instrument.value?.name ?? ""} options={options} disabled={!all.length} onChange={chooseInstrument} />
    </div>
  );
}

function JobsButton() {
  const running = runningJobs.value;
  const first = running.find((job) => job.state === "running");
  const progress = first?.progress;
  const share = progress?.total ? Math.min(1, progress.done / progress.total) : null;
  const left = progress?.seconds_left;
  const says = running.length ? `${running.length} running${left ? `, ${roughTime(left)} left` : ""}` : "No job running";
  const shown = running.length ? (left ? `${roughTime(left)} left` : "Working") : "Jobs";
  return (
    <button
      type="button" class="shell-jobs" aria-label={`${running.length ? shown : "Jobs"}: ${says}`} data-tip={first ? first.title : says} data-busy={running.length ? "" : undefined}
      onClick={() => { jobsOpen.value = true; }}
    >
      <Ring share={running.length ? share : 0} />
      <span class="shell-jobs-text">{shown}</span>
      {running.length > 1 && <span class="shell-jobs-count">{running.length}</span>}
    </button>
  );
}

const ROUND = 2 * Math.PI * 7;

function Ring({ share }: { share: number | null }) {
  return (
    <svg class="shell-ring" viewBox="0 0 18 18" width="18" height="18" aria-hidden="true" data-endless={share === null || undefined}>
      <circle cx="9" cy="9" r="7" /><circle class="shell-ring-done" cx="9" cy="9" r="7" stroke-dasharray={`${(share ?? 0.25) * ROUND} ${ROUND}`} />
    </svg>
  );
}

const THEME_ICONS: Record<Theme, IconName> = { auto: "auto", dark: "moon", light: "sun" };
const THEME_NAMES: Record<Theme, string> = { auto: "as the system", dark: "dark", light: "light" };

function ThemeButton() {
  const now = theme.value;
  return <IconButton icon={THEME_ICONS[now]} label={`Theme: ${THEME_NAMES[now]}`} onClick={() => setTheme(nextTheme(now))} />;
}
