import type { Instrument } from "../../api/models";
import { NumberField } from "../../design/NumberField";
import { Select } from "../../design/Select";
import { knowsTempo, longest } from "./abilities";
import type { Session } from "./session";

/** Label, length and tempo, as far as the instrument knows them. */
export function Asked({ session, about }: { session: Session; about: Instrument }) {
  const { take } = session;
  const labels = [{ value: "", label: "Any" }, ...(about.labels ?? []).filter(Boolean).map((label) => ({ value: label, label }))];
  return (
    <div class="play-asked">
      {labels.length > 2 && <Select label="Label" value={take.label} options={labels} onChange={(label) => session.set({ ...take, label })} />}
      <Length session={session} about={about} />
      {knowsTempo(about) && <Tempo session={session} />}
    </div>
  );
}

type How = "own" | "set";

function Length({ session, about }: { session: Session; about: Instrument }) {
  const { take } = session;
  const most = longest(about);
  const usual = Math.min(most, Math.max(0.5, Math.round((session.heard.value?.buffer.duration ?? about.duration_s) * 10) / 10));
  const choose = (how: How): void => session.set({ ...take, seconds: how === "set" ? usual : null });
  return (
    <>
      <Select<How> label="Length" value={take.seconds === null ? "own" : "set"} options={[{ value: "own", label: "As it comes" }, { value: "set", label: "Set" }]} onChange={choose} />
      {take.seconds !== null && (
        <NumberField label="Seconds" value={take.seconds} min={0.1} max={most} step={most > 10 ? 1 : 0.1} unit="s" onChange={(seconds) => session.set({ ...take, seconds })} />
      )}
    </>
  );
}

function Tempo({ session }: { session: Session }) {
  const { take } = session;
  const choose = (how: How): void => session.set({ ...take, tempo: how === "set" ? 120 : null });
  return (
    <>
      <Select<How> label="Tempo" value={take.tempo === null ? "own" : "set"} options={[{ value: "own", label: "Its own" }, { value: "set", label: "Set" }]} onChange={choose} />
      {take.tempo !== null && <NumberField label="Beats a minute" value={take.tempo} min={40} max={240} unit="bpm" onChange={(tempo) => session.set({ ...take, tempo })} />}
    </>
  );
}
