import { Segmented } from "../../design/Tabs";
import { ViewFrame } from "../../design/ViewFrame";
import { route, setParams } from "../../state/route";
import { useShortcuts } from "../../state/shortcuts";
import { ReportsPart } from "./Reports";
import { TestsPart } from "./Tests";
import "./judge.css";

const TABS = [
  { id: "reports", label: "Reports", icon: "list" },
  { id: "tests", label: "Listening tests", icon: "volume" },
] as const;

/** How good it is: by figures, and by people's ears. */
export function JudgeView() {
  const current = route.value.params["tab"] === "tests" ? "tests" : "reports";
  const show = (tab: (typeof TABS)[number]["id"]): void => setParams({ tab, report: null });
  useShortcuts("Judge", [
    { keys: "r", says: "Reports", run: () => show("reports") },
    { keys: "t", says: "Listening tests", run: () => show("tests") },
  ]);
  return (
    <ViewFrame title="Judge" fill actions={<Segmented label="Part of Judge" choices={TABS} current={current} onChange={show} />}>
      {current === "reports" ? <ReportsPart /> : <TestsPart />}
    </ViewFrame>
  );
}
