import { Segmented } from "../../design/Tabs";
import { ViewFrame } from "../../design/ViewFrame";
import { route, setParams } from "../../state/route";
import { useShortcuts } from "../../state/shortcuts";
import { instruments, state } from "../../state/workspace";
import { Compare } from "./Compare";
import { NewTraining } from "./NewTraining";
import { Trainings } from "./Trainings";
import "./train.css";

const TABS = [
  { id: "new", label: "New", icon: "plus" },
  { id: "all", label: "Trainings", icon: "list" },
  { id: "compare", label: "Compare", icon: "judge" },
] as const;
type TabId = (typeof TABS)[number]["id"];

/** Training: a new one, those there are, and two by ear. */
export function TrainView() {
  const { params } = route.value;
  const asked = params["tab"] ?? (params["training"] ? "all" : "");
  const current: TabId = TABS.find((tab) => tab.id === asked)?.id ?? (instruments.value.length ? "all" : "new");
  const show = (tab: TabId): void => setParams({ tab });
  useShortcuts("Train", [
    { keys: "n", says: "A new training", run: () => show("new") },
    { keys: "t", says: "All trainings", run: () => show("all") },
    { keys: "c", says: "Compare two", run: () => show("compare") },
  ]);
  if (!state.value) return <ViewFrame title="Train" fill />;
  return (
    <ViewFrame title="Train" actions={<Segmented label="Part of Train" choices={TABS} current={current} onChange={show} />}>
      {current === "new" && <NewTraining />}
      {current === "all" && <Trainings />}
      {current === "compare" && <Compare />}
    </ViewFrame>
  );
}
