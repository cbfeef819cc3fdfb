import { useEffect } from "preact/hooks";
import { Toasts } from "../design/Toast";
import { TooltipLayer } from "../design/Tooltip";
import { go, route } from "../state/route";
import { useShortcuts } from "../state/shortcuts";
import { stopAll } from "../audio/engine";
import { helpOpen, KeyboardHelp } from "./KeyboardHelp";
import { JobDrawer } from "./JobDrawer";
import { Rail } from "./Rail";
import { TopBar } from "./TopBar";
import { ViewHost } from "./ViewHost";
import { VIEW_LIST } from "./views";
import "./shell.css";

/** The frame that every view stands in. */
export function App() {
  const { view } = route.value;
  const entry = VIEW_LIST.find((one) => one.id === view) ?? VIEW_LIST[0]!;
  useEffect(() => {
    document.title = `${entry.name} · timbrel studio`;
  }, [entry]);
  useShortcuts("Everywhere", [
    { keys: "?", says: "Show the keys", run: () => { helpOpen.value = true; } },
    { keys: "escape", says: "Stop all sounds", run: () => stopAll() },
    ...VIEW_LIST.map((one) => ({ keys: `g ${one.key}`, says: `Go to ${one.name}`, run: () => go(one.id) })),
  ]);
  return (
    <div class="shell">
      <a class="shell-skip" href="#main" onClick={skip}>Skip to the content</a>
      <Rail />
      <TopBar />
      <main id="main" class="shell-main" tabIndex={-1} data-view={view}>
        <ViewHost key={view} entry={entry} />
      </main>
      <JobDrawer />
      <KeyboardHelp />
      <Toasts />
      <TooltipLayer />
    </div>
  );
}

function skip(event: MouseEvent): void {
  event.preventDefault();
  document.getElementById("main")?.focus();
}
