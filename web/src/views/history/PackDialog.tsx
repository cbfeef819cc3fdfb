import { useState } from "preact/hooks";
import { post } from "../../api/client";
import type { Model } from "../../api/models";
import { saveAs } from "../../audio/drag";
import { Button } from "../../design/Button";
import { CommandLine } from "../../design/CommandLine";
import { Dialog } from "../../design/Dialog";
import { Thrown } from "../../design/ErrorNote";
import { TextField } from "../../design/Field";
import { bytes, several } from "../../design/numbers";
import { Segmented } from "../../design/Tabs";
import { Toggle } from "../../design/Toggle";
import type { Made } from "./names";

type Pack = Model<"Pack">;
type Audio = Model<"PackWish">["audio"];

/** A pack of sounds with what samplers need, and what is in it. */
export function PackDialog({ all, onClose }: { all: readonly Made[]; onClose: () => void }) {
  const [name, setName] = useState(all[0] ? `${all[0].instrument} pack` : "pack");
  const [audio, setAudio] = useState<Audio>("wav");
  const [sfz, setSfz] = useState(true);
  const [decent, setDecent] = useState(true);
  const [busy, setBusy] = useState(false);
  const [pack, setPack] = useState<Pack | null>(null);
  const [error, setError] = useState<unknown>(null);
  const make = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      const formats = [...(sfz ? ["sfz" as const] : []), ...(decent ? ["decentsampler" as const] : [])];
      setPack(await post<Pack>("/api/packs", { ids: all.map((made) => made.id), name: name.trim(), audio, formats }));
    } catch (thrown) {
      setError(thrown);
    } finally {
      setBusy(false);
    }
  };
  const actions = pack
    ? <><Button onClick={onClose}>Close</Button><Button kind="go" icon="download" onClick={() => saveAs(pack.address, pack.name)}>{`Download ${bytes(pack.size_bytes)}`}</Button></>
    : <><Button onClick={onClose}>Leave</Button><Button kind="go" busy={busy} disabled={!name.trim()} onClick={() => void make()}>Make the pack</Button></>;
  return (
    <Dialog open title={pack ? pack.name : `A pack of ${several(all.length, "sound")}`} wide={pack !== null} onClose={onClose} actions={actions}>
      {pack ? <Packed pack={pack} /> : (
        <div class="t-stack">
          <TextField label="Name" value={name} onInput={setName} onEnter={() => void make()} />
          <div class="t-row"><span class="t-label">Sound files</span><Segmented<Audio> label="Sound files" current={audio} choices={[{ id: "wav", label: "WAV" }, { id: "flac", label: "FLAC" }]} onChange={setAudio} /></div>
          <Toggle label="SFZ" checked={sfz} onChange={setSfz} hint="An instrument for Sforzando, Renoise, Bitwig and others." />
          <Toggle label="DecentSampler" checked={decent} onChange={setDecent} hint="A preset for the free sampler of that name." />
          <p class="t-hint">With it come a card, and how each sound was made.</p>
          {error !== null && <Thrown error={error} />}
        </div>
      )}
    </Dialog>
  );
}

function Packed({ pack }: { pack: Pack }) {
  return (
    <div class="t-stack">
      <p>{several(pack.files.length, "file")}, {bytes(pack.size_bytes)}:</p>
      <ul class="hist-files" tabIndex={0} aria-label="Files of the pack">{pack.files.map((file) => <li key={file}><code>{file}</code></li>)}</ul>
      <CommandLine command={pack.command} />
    </div>
  );
}
