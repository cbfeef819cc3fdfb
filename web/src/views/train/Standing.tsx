import type { Instrument, Job } from "../../api/models";
import { Badge } from "../../design/Badge";
import { Icon } from "../../design/Icon";
import { abilityName } from "./recipes";

export interface Entry {
  name: string;
  instrument: Instrument | null;
  underWay: boolean;
  job: Job | null;
}

/** Where a training stands, in a word. */
export function State({ entry: { instrument, job, underWay } }: { entry: Entry }) {
  if (job?.state === "running") return <Badge tone="accent">Training</Badge>;
  if (job?.state === "queued") return <Badge>Waiting</Badge>;
  if (instrument?.problem) return <Badge tone="bad">Damaged</Badge>;
  if (job?.state === "failed" && !instrument) return <Badge tone="bad">Failed</Badge>;
  if (underWay) return <Badge tone="warn">Stopped</Badge>;
  return instrument ? <Icon name="check" size={1} /> : <Badge tone="warn">Stopped</Badge>;
}

/** What an instrument can do, as words. */
export function Abilities({ of }: { of: Instrument }) {
  return <div class="t-row" data-wrap>{of.abilities?.map((one) => <Badge key={one}>{abilityName(one)}</Badge>)}</div>;
}
