import { useState } from "preact/hooks";
import { get } from "../../api/client";
import type { LibrarySounds } from "../../api/types";
import { Button } from "../../design/Button";
import { several } from "../../design/numbers";
import { toastError } from "../../state/toasts";
import { state } from "../../state/workspace";
import { SoundPicker, type Chosen } from "../hearing/SoundPicker";
import { drawn, KINDS, type Kind } from "./kinds";

const DRAWN = 20;
const PAGE = 1000;
const MOST = 1000;

/** Sounds of the library that listeners hear beside those that were made. */
export function Originals({ kind, chosen, onChange }: { kind: Kind; chosen: readonly Chosen[]; onChange: (chosen: readonly Chosen[]) => void }) {
  const [isPicking, setPicking] = useState(false);
  const [busy, setBusy] = useState(false);
  const library = state.value?.library;
  const isNeeded = KINDS.find((one) => one.id === kind)?.originals === "needed";
  if (!library) return <p>There is no library. <a href="#/library">Add sounds in Library</a> to have originals.</p>;
  const draw = async (): Promise<void> => {
    setBusy(true);
    await byChance(library.count).then(onChange, toastError);
    setBusy(false);
  };
  return (
    <div class="t-stack">
      <p>{chosen.length ? `${several(chosen.length, "original")}: ${chosen.slice(0, 3).map((one) => one.name).join(", ")}${chosen.length > 3 ? " and others" : ""}.` : isNeeded ? "This kind needs originals." : "This kind does without; with them, an original is one of the competitors."}</p>
      <div class="t-row" data-wrap>
        <Button icon="library" onClick={() => setPicking(true)}>Choose</Button>
        <Button icon="dice" busy={busy} onClick={() => void draw()}>Draw {Math.min(DRAWN, library.count)} by chance</Button>
        {chosen.length > 0 && <Button kind="quiet" icon="close" onClick={() => onChange([])}>None</Button>}
      </div>
      <SoundPicker open={isPicking} title="Originals" most={MOST} chosen={chosen} onDone={onChange} onClose={() => setPicking(false)} />
    </div>
  );
}

/** Some sounds of one stretch of the library that lies anywhere in it. */
async function byChance(total: number): Promise<Chosen[]> {
  const start = Math.floor(Math.random() * Math.max(1, total - PAGE + 1));
  const { sounds } = await get<LibrarySounds>("/api/library/sounds", { query: { start, count: PAGE } });
  return drawn(sounds.length, DRAWN).map((at) => sounds[at]!).map(({ sound, name, duration_s }) => ({ sound, name, duration_s }));
}
