import { useEffect, useState } from "preact/hooks";
import { post } from "../../api/client";
import type { TestInfo, Tests } from "../../api/types";
import { Badge } from "../../design/Badge";
import { Button } from "../../design/Button";
import { CommandLine, copyText } from "../../design/CommandLine";
import { EmptyState } from "../../design/EmptyState";
import { Thrown } from "../../design/ErrorNote";
import { count, several } from "../../design/numbers";
import { JobCard } from "../../shell/JobDrawer";
import { toast, toastError } from "../../state/toasts";
import { changes, jobs } from "../../state/workspace";
import { useAsked } from "../hearing/asked";
import { BuildTest } from "./BuildTest";
import { kindName } from "./kinds";

const LOOK_AGAIN_MS = 5000;

/** The listening tests: what each is, who listened, what they found. */
export function TestsPart() {
  const [beat, setBeat] = useState(0);
  const { value, error } = useAsked<Tests>("/api/tests", [changes.tests.value, beat]);
  const [isBuilding, setBuilding] = useState(false);
  const tests = value?.tests ?? [];
  const isServed = tests.some((one) => one.address);
  useEffect(() => {
    if (!isServed) return undefined;
    const timer = setInterval(() => setBeat((before) => before + 1), LOOK_AGAIN_MS);
    return () => clearInterval(timer);
  }, [isServed]);
  const work = jobs.value.filter((one) => one.kind === "listen" && one.state !== "done");
  const build = <Button kind="go" icon="plus" onClick={() => setBuilding(true)}>Build a test</Button>;
  if (isBuilding) return <BuildTest names={tests.map((one) => one.name)} onClose={() => setBuilding(false)} />;
  return (
    <div class="judge-tests">
      {error !== null && <Thrown error={error} />}
      {work.map((job) => <JobCard key={job.id} job={job} />)}
      {value && !tests.length && (
        <EmptyState icon="volume" title="No listening test yet" actions={build}>
          People listen blind: nobody sees which sound is whose. The page makes all sounds equally loud, mixes their order for each listener, and says what the answers are worth. You
          can also take it alone.
        </EmptyState>
      )}
      {tests.length > 0 && <div>{build}</div>}
      {tests.map((test) => <TestCard key={test.name} test={test} onChanged={() => setBeat(beat + 1)} />)}
    </div>
  );
}

function TestCard({ test, onChanged }: { test: TestInfo; onChanged: () => void }) {
  const [busy, setBusy] = useState(false);
  const ask = async (what: "serve" | "close"): Promise<void> => {
    setBusy(true);
    await post<TestInfo>(`/api/tests/${encodeURIComponent(test.name)}/${what}`).then(onChanged, toastError);
    setBusy(false);
  };
  return (
    <article class="judge-test" aria-label={test.name}>
      <header class="t-row" data-wrap>
        <h2 class="t-clip">{test.name}</h2>
        <Badge>{kindName(test.kind)}</Badge>
        {test.address && <Badge tone="accent">Open</Badge>}
        <span class="t-grow" />
        <span class="t-soft">{several(test.items, "page")}</span>
      </header>
      <dl class="judge-counts">
        <div><dt>{test.listeners === 1 ? "listener" : "listeners"}</dt><dd>{count(test.listeners)}</dd></div>
        <div><dt>{test.answers === 1 ? "answer" : "answers"}</dt><dd>{count(test.answers)}</dd></div>
      </dl>
      {test.findings.length > 0 ? <ul class="judge-findings">{test.findings.map((text) => <li key={text}>{text}</li>)}</ul> : <p class="t-soft">Nothing is found yet: nobody has finished a page.</p>}
      {test.address && <Address address={test.address} />}
      <footer class="t-row" data-wrap>
        {test.address
          ? <Button icon="stop" busy={busy} onClick={() => void ask("close")}>Close it</Button>
          : <Button kind="plain" icon="play" busy={busy} onClick={() => void ask("serve")}>Open it for listeners</Button>}
        <span class="t-grow" />
        <CommandLine command={test.command} compact />
      </footer>
    </article>
  );
}

function Address({ address }: { address: string }) {
  const copy = (): void => void copyText(address).then(() => toast("The address is copied.", { kind: "good" }));
  return (
    <div class="judge-address">
      <a class="t-clip t-grow" href={address} target="_blank" rel="noreferrer noopener">{address}</a>
      <Button size="s" kind="quiet" icon="copy" onClick={copy}>Copy the address</Button>
      <p class="t-hint">On this machine, or handed on through a tunnel. Answers are kept as they are given; closing it loses none.</p>
    </div>
  );
}
