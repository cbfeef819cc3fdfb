import { useState } from "preact/hooks";
import type { ReportInfo, Reports } from "../../api/types";
import { at } from "../../api/client";
import { Button } from "../../design/Button";
import { EmptyState } from "../../design/EmptyState";
import { Thrown } from "../../design/ErrorNote";
import { IconButton } from "../../design/IconButton";
import { JobCard } from "../../shell/JobDrawer";
import { route, setParams } from "../../state/route";
import { changes, instruments, jobs } from "../../state/workspace";
import { useAsked } from "../hearing/asked";
import { MakeReport } from "./MakeReport";
import { day } from "./day";

/** All reports at the left; the chosen one fills the rest. */
export function ReportsPart() {
  const { value, error } = useAsked<Reports>("/api/reports", [changes.reports.value]);
  const [isMaking, setMaking] = useState(false);
  const work = jobs.value.filter((one) => one.kind === "evaluate" && one.state !== "done");
  const reports = value?.reports ?? [];
  const current = reports.find((one) => one.name === route.value.params["report"]) ?? null;
  const make = <Button kind="go" icon="plus" disabled={!instruments.value.length} onClick={() => setMaking(true)}>Make a report</Button>;
  return (
    <div class="judge-reports" data-open={current !== null || undefined}>
      <div class="judge-list">
        {make}
        {error !== null && <Thrown error={error} />}
        {work.map((job) => <JobCard key={job.id} job={job} />)}
        {reports.map((report) => <ReportButton key={report.name} report={report} isCurrent={report === current} />)}
      </div>
      {current ? <ReportFrame report={current} /> : value && <Nothing hasAny={reports.length > 0} />}
      {isMaking && <MakeReport onClose={() => setMaking(false)} />}
    </div>
  );
}

function Nothing({ hasAny }: { hasAny: boolean }) {
  if (hasAny) return <div class="judge-nothing"><EmptyState icon="judge" title="Choose a report">It opens here, with its tables, pictures and sounds.</EmptyState></div>;
  return (
    <div class="judge-nothing">
      <EmptyState icon="judge" title="No report yet">
        A report says how good an instrument is: how near it comes to sounds that it never heard, how varied its new sounds are, and whether they are copies. Several
        instruments in one report are judged on the same sounds.
      </EmptyState>
    </div>
  );
}

function ReportButton({ report, isCurrent }: { report: ReportInfo; isCurrent: boolean }) {
  return (
    <button type="button" class="judge-report" aria-current={isCurrent ? "true" : undefined} onClick={() => setParams({ report: report.name })}>
      <strong class="t-clip">{report.title}</strong>
      <span class="t-soft t-small">{day(report.created_s)}</span>
      {report.verdict[0] && <span class="judge-verdict t-small">{report.verdict[0]}</span>}
    </button>
  );
}

/** The report as it is, in a frame that reaches nothing outside itself. */
function ReportFrame({ report }: { report: ReportInfo }) {
  const address = at(report.address);
  return (
    <section class="judge-frame" aria-label={report.title}>
      <header class="t-row">
        <IconButton icon="left" label="Back to the list" class="judge-back" onClick={() => setParams({ report: null })} />
        <h2 class="t-grow t-clip">{report.title}</h2>
        <a class="t-button" data-size="s" data-kind="plain" href={address} target="_blank" rel="noreferrer noopener">Open in a new tab</a>
        <IconButton icon="close" size="s" label="Close the report" onClick={() => setParams({ report: null })} />
      </header>
      <iframe key={address} src={address} sandbox="allow-scripts allow-popups" referrerpolicy="no-referrer" title={report.title} />
    </section>
  );
}
