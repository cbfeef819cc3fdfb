import type { ComponentChildren } from "preact";
import { dragOut, saveAs } from "../audio/drag";
import { load, nowPlaying, toggle } from "../audio/engine";
import { toastError } from "../state/toasts";
import { IconButton } from "./IconButton";
import { MiniWave } from "./MiniWave";
import "./data.css";

export interface SoundCardProps {
  name: string;
  /** Where its WAV is. */
  url: string;
  /** Under the name: length, distance, seed. */
  detail?: ComponentChildren;
  peaks?: ArrayLike<number> | undefined;
  samples?: ArrayLike<number> | undefined;
  /** A label's colour, for the waveform. */
  colour?: string | undefined;
  /** The file's name when dragged or downloaded; the name with ".wav" otherwise. */
  filename?: string | undefined;
  verdict?: "star" | "reject" | null | undefined;
  /** Given: star and reject are offered. */
  onVerdict?: ((verdict: "star" | "reject" | null) => void) | undefined;
  /** Instead of the shared player. */
  onPlay?: (() => void) | undefined;
  onOpen?: (() => void) | undefined;
  /** Start on hover, where the user asked for it. */
  playOnHover?: boolean | undefined;
  selected?: boolean | undefined;
  /** More buttons. */
  actions?: ComponentChildren;
}

/** A sound to hear, judge and take away. It can be dragged to a folder or a DAW. */
export function SoundCard(props: SoundCardProps) {
  const { name, url, detail, verdict, onVerdict, selected } = props;
  const plays = nowPlaying.value === url;
  const filename = props.filename ?? `${name}.wav`;
  const play = (): void => (props.onPlay ? props.onPlay() : void toggle(url).catch(toastError));
  const judge = (which: "star" | "reject"): void => onVerdict?.(verdict === which ? null : which);
  return (
    <article
      class="t-sound" draggable data-playing={plays || undefined} data-selected={selected || undefined} data-verdict={verdict ?? undefined} aria-label={name}
      onDragStart={(event) => dragOut(event, url, filename)}
      onPointerEnter={() => { if (props.playOnHover && !plays) play(); else void load(url).catch(() => undefined); }}
    >
      <IconButton icon={plays ? "stop" : "play"} label={plays ? `Stop ${name}` : `Play ${name}`} kind="plain" onClick={play} />
      <div class="t-sound-body" onDblClick={props.onOpen}>
        <div class="t-sound-line">
          <span class="t-sound-name t-clip" title={name}>{name}</span>
          {detail && <span class="t-sound-detail">{detail}</span>}
        </div>
        <MiniWave peaks={props.peaks} samples={props.samples} colour={props.colour} normalise />
      </div>
      <div class="t-sound-tools">
        {onVerdict && <>
          <IconButton icon="star" size="s" label={`Keep ${name}`} pressed={verdict === "star"} filled={verdict === "star"} onClick={() => judge("star")} />
          <IconButton icon="reject" size="s" label={`Reject ${name}`} pressed={verdict === "reject"} onClick={() => judge("reject")} />
        </>}
        <IconButton icon="download" size="s" label={`Download ${name}`} onClick={() => saveAs(url, filename)} />
        {props.actions}
      </div>
    </article>
  );
}
