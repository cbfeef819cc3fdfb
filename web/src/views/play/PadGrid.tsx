import { useState } from "preact/hooks";
import type { Instrument } from "../../api/models";
import { Button } from "../../design/Button";
import { MiniWave } from "../../design/MiniWave";
import { toastError } from "../../state/toasts";
import { ChooseSound } from "./ChooseSound";
import type { Machine } from "./machine";
import { freshSound, heardPart, kitLabels, plainName } from "./making";
import { PADS, withPad, type Pad } from "./pattern";
import { sessionOf } from "./session";
import { bringsSound, droppedSound, dragSound } from "./verdict";

/** Sixteen pads: a click plays one and takes it in hand, a drop gives it a sound. */
export function PadGrid({ machine, about }: { machine: Machine; about: Instrument }) {
  const [current, setCurrent] = useState(0);
  const [choosing, setChoosing] = useState(false);
  const pattern = machine.pattern.value;
  const session = sessionOf(about.name);
  const heard = session.heard.value;
  const give = (at: number, pad: Pad | null): void => machine.set(withPad(machine.pattern.value, at, pad));
  const move = (event: KeyboardEvent): void => {
    const to = { ArrowRight: current + 1, ArrowLeft: current - 1, ArrowDown: current + 4, ArrowUp: current - 4 }[event.key];
    if (event.key === "Delete" || event.key === "Backspace") give(current, null);
    else if (to !== undefined && to >= 0 && to < PADS) {
      setCurrent(to);
      (event.currentTarget as Element).querySelectorAll<HTMLElement>(".play-pad")[to]?.focus();
    } else if (to === undefined) return;
    event.preventDefault();
  };
  return (
    <div class="play-pads">
      <div class="play-pad-grid" role="group" aria-label="Pads" data-own-keys onKeyDown={move}>
        {pattern.pads.map((pad, at) => <One key={at} at={at} pad={pad} machine={machine} isCurrent={at === current} onTake={() => setCurrent(at)} onGive={(sound) => give(at, sound)} />)}
      </div>
      <div class="t-row" data-wrap>
        <Button size="s" disabled={!heard} onClick={() => { if (heard) give(current, { sound: heard.made.sound, name: heard.made.name }); }}>{`Sound in hand to pad ${current + 1}`}</Button>
        <Button size="s" onClick={() => setChoosing(true)}>Choose …</Button>
        <Button size="s" kind="quiet" disabled={!pattern.pads[current]} onClick={() => give(current, null)}>{`Empty pad ${current + 1}`}</Button>
      </div>
      <Fill machine={machine} about={about} />
      {choosing && <ChooseSound title={`Pad ${current + 1}`} instrument={about} onClose={() => setChoosing(false)} onChoose={(sound) => { give(current, sound); setChoosing(false); }} />}
    </div>
  );
}

interface OneProps {
  at: number;
  pad: Pad | null;
  machine: Machine;
  isCurrent: boolean;
  onTake: () => void;
  onGive: (sound: Pad) => void;
}

function One({ at, pad, machine, isCurrent, onTake, onGive }: OneProps) {
  const [over, setOver] = useState(false);
  const buffer = machine.buffer(at);
  const drop = (event: DragEvent): void => {
    setOver(false);
    const sound = droppedSound(event);
    if (!sound) return;
    event.preventDefault();
    onTake();
    onGive(sound);
  };
  return (
    <button
      type="button" class="play-pad" data-current={isCurrent || undefined} data-over={over || undefined} data-empty={!pad || undefined} aria-pressed={isCurrent} tabIndex={isCurrent ? 0 : -1}
      aria-label={pad ? `Pad ${at + 1}: ${pad.name}` : `Pad ${at + 1}: empty`} title={pad?.name} draggable={Boolean(pad)}
      onDragStart={(event) => { if (pad) dragSound(event, pad); }}
      onDragOver={(event) => { if (bringsSound(event)) { event.preventDefault(); setOver(true); } }} onDragLeave={() => setOver(false)} onDrop={drop}
      onPointerDown={() => { onTake(); machine.strike(at); }}
      onClick={(event) => { if (event.detail === 0) { onTake(); machine.strike(at); } }}
    >
      <span class="play-pad-number" aria-hidden="true">{at + 1}</span>
      {buffer && <MiniWave samples={heardPart(buffer.getChannelData(0))} normalise />}
      <span class="play-pad-name t-clip" aria-hidden="true">{pad ? plainName(pad.name) : ""}</span>
    </button>
  );
}

/** Gives empty pads new sounds, or all of them where none is empty; of every label by turns. */
function Fill({ machine, about }: { machine: Machine; about: Instrument }) {
  const [done, setDone] = useState<number | null>(null);
  const empty = machine.pattern.value.pads.flatMap((pad, at) => (pad ? [] : [at]));
  const places = empty.length ? empty : Array.from({ length: PADS }, (_, at) => at);
  const fill = async (): Promise<void> => {
    const { take } = sessionOf(about.name);
    const labels = kitLabels(take.label, about.labels ?? [], PADS);
    try {
      for (const [number, at] of places.entries()) {
        setDone(number);
        machine.set(withPad(machine.pattern.value, at, await freshSound(about.name, take, labels[at])));
      }
    } catch (thrown) {
      toastError(thrown);
    } finally {
      setDone(null);
    }
  };
  const says = empty.length === 0 ? "New sounds for all pads" : empty.length === PADS ? "Fill the pads with new sounds" : `Fill ${empty.length} empty with new`;
  return <Button icon="dice" busy={done !== null} onClick={() => void fill()}>{done === null ? says : `${done} of ${places.length} made`}</Button>;
}
