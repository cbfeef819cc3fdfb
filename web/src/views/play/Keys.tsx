import { useEffect, useRef } from "preact/hooks";
import { Button } from "../../design/Button";
import { IconButton } from "../../design/IconButton";
import { Slider } from "../../design/Slider";
import { Toggle } from "../../design/Toggle";
import { Tooltip } from "../../design/Tooltip";
import { held, lettersPlay, noteOff, noteOn, octave, release, setLettersPlay, setRelease, silence, velocity } from "./keyboard";
import { askForMidi, midi, onMidi } from "./midi";
import { baseOf, HIGHEST_OCTAVE, isBlack, KEY_COUNT, letterOf, LOWEST_OCTAVE, nameOf, semitoneOf } from "./notes";
import type { Session } from "./session";

/** A piano for the sound in hand. */
export function Keys({ session }: { session: Session }) {
  const strike = (note: number, strength: number): void => {
    const heard = session.heard.value;
    if (heard) noteOn(heard.buffer, note, strength);
    else if (!session.busy.value) session.renew();
  };
  useLetters(strike);
  useEffect(() => onMidi((event) => {
    if (event.kind === "on") strike(event.note, event.velocity);
    else if (event.kind === "off") noteOff(event.note);
    else silence();
  }), [session]);
  useEffect(() => () => silence(), [session]);
  return (
    <section class="play-keys" aria-label="Keys">
      <div class="play-keys-tools">
        <Tooltip text="While this is on, letters play notes and lead nowhere else on the page."><Toggle label="Letters play" checked={lettersPlay.value} onChange={setLettersPlay} /></Tooltip>
        <div class="t-row play-octave">
          <IconButton icon="left" size="s" label="An octave down" keys="z" disabled={octave.value <= LOWEST_OCTAVE} onClick={() => shift(-1)} />
          <span>{`Octave ${octave.value}`}</span>
          <IconButton icon="right" size="s" label="An octave up" keys="x" disabled={octave.value >= HIGHEST_OCTAVE} onClick={() => shift(1)} />
        </div>
        <div class="play-keys-slider"><Slider label="Velocity" value={velocity.value} min={1} max={127} step={1} initial={100} onInput={(value) => { velocity.value = value; }} /></div>
        <div class="play-keys-slider"><Slider label="Release" value={release.value} min={0.02} max={4} step={0.01} initial={0.25} unit="s" onInput={setRelease} /></div>
        <Midi />
      </div>
      <Piano strike={strike} />
    </section>
  );
}

function shift(by: number): void {
  silence();
  octave.value = Math.min(HIGHEST_OCTAVE, Math.max(LOWEST_OCTAVE, octave.value + by));
}

function Midi() {
  const now = midi.value;
  const words = now.kind === "on" ? (now.inputs.length ? now.inputs.join(", ") : "Plug a MIDI keyboard in; it plays at once.") : now.kind === "no" ? now.why : "";
  return (
    <div class="play-midi">
      {now.kind !== "on" && <Button size="s" busy={now.kind === "asking"} onClick={() => void askForMidi()}>Use a MIDI keyboard</Button>}
      <span class="t-soft t-small" role="status">{words}</span>
    </div>
  );
}

/** Pressed lower is louder, as on the pads of hardware. */
function strengthAt(event: PointerEvent): number {
  const { top, height } = (event.currentTarget as Element).getBoundingClientRect();
  return Math.round(velocity.value * (0.45 + 0.55 * Math.min(1, Math.max(0, (event.clientY - top) / height / 0.85))));
}

function Piano({ strike }: { strike: (note: number, strength: number) => void }) {
  const base = baseOf(octave.value);
  const notes = Array.from({ length: KEY_COUNT }, (_, at) => base + at).filter((note) => note <= 127);
  const whites = notes.filter((note) => !isBlack(note));
  const leftOf = (note: number): number => (notes.filter((other) => other < note && !isBlack(other)).length / whites.length) * 100;
  return (
    <div class="play-piano" role="group" aria-label={`Piano from ${nameOf(base)}`}>
      {notes.map((note, at) => (
        <button
          key={note} type="button" class="play-key" data-black={isBlack(note) || undefined} data-held={held.value.has(note) || undefined} tabIndex={-1} aria-label={nameOf(note)}
          style={isBlack(note) ? { left: `calc(${leftOf(note)}% - ${32 / whites.length}%)`, width: `${64 / whites.length}%` } : { left: `${leftOf(note)}%`, width: `${100 / whites.length}%` }}
          onPointerDown={(event) => { event.currentTarget.setPointerCapture(event.pointerId); strike(note, strengthAt(event)); }}
          onPointerUp={() => noteOff(note)} onPointerCancel={() => noteOff(note)}
          onClick={(event) => { if (event.detail === 0) { strike(note, velocity.value); setTimeout(() => noteOff(note), 250); } }}
        >
          <span aria-hidden="true">{lettersPlay.value ? letterOf(at) : ""}</span>
        </button>
      ))}
    </div>
  );
}

const TYPING = "input:not([type=range], [type=checkbox], [type=radio]), textarea, select, [contenteditable=true]";

/** Letters as notes. It hears keys before the page's shortcuts do, so that a tune leads to no other view. */
function useLetters(strike: (note: number, strength: number) => void): void {
  const latest = useRef(strike);
  latest.current = strike;
  useEffect(() => {
    const down = new Map<string, number>();
    const isOurs = (event: KeyboardEvent): boolean => {
      const target = event.target instanceof Element ? event.target : null;
      return lettersPlay.value && !event.ctrlKey && !event.metaKey && !event.altKey && !target?.closest(TYPING) && !document.querySelector("dialog:modal");
    };
    const press = (event: KeyboardEvent): void => {
      if (!isOurs(event)) return;
      const semitone = semitoneOf(event.code);
      const way = { KeyZ: -1, KeyX: 1 }[event.code];
      if (semitone === null && !way) return;
      event.preventDefault();
      if (event.repeat) return;
      if (way) return shift(way);
      const note = baseOf(octave.value) + (semitone ?? 0);
      if (note > 127) return;
      down.set(event.code, note);
      latest.current(note, velocity.value);
    };
    const lift = (event: KeyboardEvent): void => {
      const note = down.get(event.code);
      if (note === undefined) return;
      down.delete(event.code);
      noteOff(note);
    };
    const leave = (): void => {
      down.clear();
      silence();
    };
    addEventListener("keydown", press, true);
    addEventListener("keyup", lift, true);
    addEventListener("blur", leave);
    return () => {
      removeEventListener("keydown", press, true);
      removeEventListener("keyup", lift, true);
      removeEventListener("blur", leave);
    };
  }, []);
}
