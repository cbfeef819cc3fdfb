import { useRef, useState } from "preact/hooks";
import type { Instrument } from "../../api/models";
import { Button } from "../../design/Button";
import { EmptyState } from "../../design/EmptyState";
import { Thrown } from "../../design/ErrorNote";
import { toastError } from "../../state/toasts";
import { go } from "../../state/route";
import { abilitiesInWords, can } from "./abilities";
import { auditionUrl, urlOf } from "./audition";
import { ChooseSound } from "./ChooseSound";
import { MIDDLE, saysOf, stepped, weightsOf, type Place } from "./corners";
import { freshSound, plainName } from "./making";
import { CORNERS, morphingOf, type Morphing } from "./morphing";
import type { Pad } from "./pattern";
import { sessionOf } from "./session";
import { bringsSound, droppedSound } from "./verdict";

const WHERE = ["Upper left", "Upper right", "Lower left", "Lower right"];

/** A pad between four sounds: where the handle stands is what is heard. */
export function MorphPad({ about }: { about: Instrument }) {
  const morphing = morphingOf(about.name);
  const [choosing, setChoosing] = useState<number | null>(null);
  const [filling, setFilling] = useState(false);
  if (!can(about, "morph")) {
    return (
      <EmptyState icon="fit" title={`${about.name} cannot morph`} actions={<Button onClick={() => go("train")}>Choose a recipe that can</Button>}>
        It can {abilitiesInWords(about)}. To move between four sounds, choose an instrument that can morph above, or train one.
      </EmptyState>
    );
  }
  const corners = morphing.corners.value;
  const fill = async (): Promise<void> => {
    setFilling(true);
    try {
      for (let at = 0; at < CORNERS; at++) if (!morphing.corners.value[at]) morphing.setCorner(at, await freshSound(about.name, sessionOf(about.name).take));
      morphing.go(morphing.place.value, true);
    } catch (thrown) {
      toastError(thrown);
    } finally {
      setFilling(false);
    }
  };
  return (
    <div class="play-morph">
      <div class="play-morph-square">
        {corners.slice(0, 2).map((corner, at) => <Corner key={at} at={at} corner={corner} morphing={morphing} onChoose={setChoosing} />)}
        <Square morphing={morphing} />
        {corners.slice(2).map((corner, at) => <Corner key={at + 2} at={at + 2} corner={corner} morphing={morphing} onChoose={setChoosing} />)}
      </div>
      <div class="play-morph-foot">
        {morphing.trouble.value ? <Thrown error={morphing.trouble.value} /> : <p class="t-hint" aria-live="polite">{saying(morphing)}</p>}
        <div class="t-row" data-wrap>
          <Button icon="dice" busy={filling} disabled={morphing.ready} onClick={() => void fill()}>Fill the corners with new sounds</Button>
          <Button kind="quiet" disabled={!corners.some(Boolean)} onClick={() => WHERE.forEach((_, at) => morphing.setCorner(at, null))}>Empty the corners</Button>
        </div>
      </div>
      {choosing !== null && (
        <ChooseSound
          title={`${WHERE[choosing]} corner`} instrument={about} onClose={() => setChoosing(null)}
          onChoose={(sound) => { morphing.setCorner(choosing, sound); setChoosing(null); }}
        />
      )}
    </div>
  );
}

function saying(morphing: Morphing): string {
  if (!morphing.ready) return "Give each corner a sound: choose, drop one on it, or fill with new ones.";
  return saysOf(morphing.corners.value.map((corner) => plainName(corner?.name ?? "")), morphing.place.value);
}

interface CornerProps {
  at: number;
  corner: Pad | null;
  morphing: Morphing;
  onChoose: (at: number) => void;
}

function Corner({ at, corner, morphing, onChoose }: CornerProps) {
  const percent = Math.round((weightsOf(morphing.place.value)[at] ?? 0) * 100);
  const drop = (event: DragEvent): void => {
    const sound = droppedSound(event);
    if (!sound) return;
    event.preventDefault();
    morphing.setCorner(at, sound);
  };
  return (
    <div class="play-corner" data-at={at} onDragOver={(event) => { if (bringsSound(event)) event.preventDefault(); }} onDrop={drop}>
      <Button
        size="s" kind="quiet" icon={corner ? "play" : undefined} disabled={!corner} class="play-corner-name" title={corner?.name}
        onClick={() => { if (corner) void auditionUrl(urlOf(corner.sound)).catch(toastError); }}
      >
        {corner ? plainName(corner.name) : WHERE[at]}
      </Button>
      <span class="play-corner-percent t-soft t-small">{corner && morphing.ready ? `${percent} %` : ""}</span>
      <Button size="s" title={`Choose the sound of the corner: ${WHERE[at]?.toLowerCase()}`} onClick={() => onChoose(at)}>{corner ? "Change" : "Choose"}</Button>
    </div>
  );
}

function Square({ morphing }: { morphing: Morphing }) {
  const box = useRef<HTMLDivElement>(null);
  const place = morphing.place.value;
  const from = (event: PointerEvent): Place => {
    const { left, top, width, height } = box.current?.getBoundingClientRect() ?? new DOMRect(0, 0, 1, 1);
    return { x: (event.clientX - left) / width, y: (event.clientY - top) / height };
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const next = event.key === "Enter" || event.key === " " ? place : event.ctrlKey || event.metaKey || event.altKey ? null : stepped(place, event.key, event.shiftKey);
    if (!next) return;
    event.preventDefault();
    morphing.go(next, true);
  };
  return (
    <div
      ref={box} class="play-square" tabIndex={0} role="application" aria-roledescription="pad" data-own-keys data-ready={morphing.ready || undefined} data-busy={morphing.busy.value || undefined}
      aria-label={`Pad between four sounds. Arrow keys move, shift moves faster, Home leads to the middle. ${saying(morphing)}`}
      onKeyDown={onKeyDown}
      onPointerDown={(event) => { if (event.button === 0) { event.currentTarget.setPointerCapture(event.pointerId); morphing.go(from(event), false); } }}
      onPointerMove={(event) => { if (event.currentTarget.hasPointerCapture(event.pointerId)) morphing.go(from(event), false); }}
      onPointerUp={(event) => morphing.go(from(event), true)}
      onDblClick={() => morphing.go(MIDDLE, true)}
    >
      <Known morphing={morphing} />
      <span class="play-square-line" data-way="x" style={{ left: `${place.x * 100}%` }} aria-hidden="true" />
      <span class="play-square-line" data-way="y" style={{ top: `${place.y * 100}%` }} aria-hidden="true" />
      <span class="play-handle" style={{ left: `${place.x * 100}%`, top: `${place.y * 100}%` }} aria-hidden="true" />
    </div>
  );
}

/** Dots where a sound is at hand. */
function Known({ morphing }: { morphing: Morphing }) {
  return (
    <>
      {[...morphing.known.value].map((key) => {
        const [x = 0, y = 0] = key.split(" ").map(Number);
        return <span key={key} class="play-known" style={{ left: `${x * 100}%`, top: `${y * 100}%` }} aria-hidden="true" />;
      })}
    </>
  );
}
