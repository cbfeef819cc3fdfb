import { ViewFrame } from "../../design/ViewFrame";
import { remembered } from "../../state/storage";
import { jobs, state } from "../../state/workspace";
import { FirstRun } from "./FirstRun";
import { Holdings } from "./Holdings";
import { journey } from "./journey";
import "./library.css";

export function LibraryView() {
  const now = state.value;
  if (!now) return <ViewFrame title="Library" fill />;
  const steps = journey(now, jobs.value, remembered("took") === "yes");
  const scan = jobs.value.find((job) => job.kind === "scan") ?? null;
  if (!now.library) return <ViewFrame title="Library"><FirstRun steps={steps} scan={scan} /></ViewFrame>;
  return <Holdings library={now.library} steps={steps} scan={scan} />;
}
