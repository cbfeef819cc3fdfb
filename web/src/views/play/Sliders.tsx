import type { Instrument, Model } from "../../api/models";
import { Button } from "../../design/Button";
import { IconButton } from "../../design/IconButton";
import { Panel } from "../../design/Panel";
import { Slider } from "../../design/Slider";
import { JobCard } from "../../shell/JobDrawer";
import { toastError } from "../../state/toasts";
import { jobs, startJob } from "../../state/workspace";
import { Asked } from "./Asked";
import type { Session } from "./session";
import { levelled, lockedAs, moved, shuffled, type Take } from "./takes";

type Info = Model<"SliderInfo">;

export interface SlidersProps {
  session: Session;
  about: Instrument;
  /** undefined until they are known, null where they were not found yet. */
  sliders: readonly Info[] | null | undefined;
}

/** What the sound is asked to be. */
export function Sliders({ session, about, sliders }: SlidersProps) {
  const { take } = session;
  return (
    <Panel
      class="play-sliders" title="Shape"
      actions={sliders?.length ? (
        <>
          <IconButton icon="dice" size="s" label="Shuffle the sliders that are not locked" onClick={() => session.set(shuffled(take, sliders))} />
          <Button size="s" kind="quiet" disabled={!isMoved(take)} onClick={() => session.set(levelled(take))}>Reset</Button>
        </>
      ) : undefined}
    >
      <div class="t-stack">
        <Asked session={session} about={about} />
        {sliders === undefined && <p class="t-soft">Asking for the sliders …</p>}
        {sliders === null && <Finding instrument={about.name} />}
        {sliders?.length === 0 && <p class="t-soft">No slider moves this instrument's sounds the same way on most seeds, so none is offered.</p>}
        {sliders?.map((slider) => <One key={slider.name} session={session} slider={slider} />)}
        {Boolean(sliders?.length) && <p class="t-hint">In just audible steps. A double click resets a slider; one that is locked holds new sounds where it stands.</p>}
      </div>
    </Panel>
  );
}

const isMoved = (take: Take): boolean => Object.entries(take.values).some(([name, value]) => value !== 0 && !take.locked.includes(name));

function One({ session, slider }: { session: Session; slider: Info }) {
  const { take } = session;
  const locked = take.locked.includes(slider.name);
  const sure = Math.round(slider.percent_monotone);
  return (
    <div class="play-slider" data-tip={`${slider.tells} Holds on ${sure} of 100 seeds.`}>
      <Slider
        label={slider.name} value={take.values[slider.name] ?? 0} min={-steps(-slider.low)} max={steps(slider.high)} step={STEP} initial={0} format={signed}
        onInput={(value) => session.move(moved(session.take, slider.name, value))} onChange={() => session.rest()}
        locked={locked} onLock={(next) => session.note(lockedAs(session.take, slider.name, next))}
      />
    </div>
  );
}

const STEP = 0.25;

/** How far a slider goes in whole quarters, so that its middle is one of its places. */
const steps = (end: number): number => Math.floor(end / STEP) * STEP;

/** "+1.5", "0", "−2": a step is a step up or down. */
const signed = (value: number): string => (value === 0 ? "0" : `${value > 0 ? "+" : "−"}${Number(Math.abs(value).toFixed(2))}`);

function Finding({ instrument }: { instrument: string }) {
  const job = jobs.value.find((one) => one.kind === "sliders" && one.instrument === instrument && one.state !== "done");
  const find = (): void => void startJob({ kind: "sliders", instrument }).catch(toastError);
  if (job) return <JobCard job={job} />;
  return (
    <div class="t-stack">
      <p class="t-soft">This instrument's sliders, such as brighter or longer, were not found yet. Finding them takes some minutes, once; the time left shows as it goes on.</p>
      <div><Button icon="settings" onClick={find}>Find the sliders</Button></div>
    </div>
  );
}
