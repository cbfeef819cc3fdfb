import { useState } from "preact/hooks";
import { Button } from "../../design/Button";
import { DropZone } from "../../design/DropZone";
import { ErrorNote, Thrown } from "../../design/ErrorNote";
import { TextField } from "../../design/Field";
import { IconButton } from "../../design/IconButton";
import { several } from "../../design/numbers";
import { Progress } from "../../design/Progress";
import { addDemo, addFiles, addPath, sending, turnedDown } from "./adding";
import { byReason, some } from "./questions";

interface AddSoundsProps {
  /** Told once something is on its way. */
  onBegun?: (() => void) | undefined;
  /** Without the demo, where there are sounds already. */
  plain?: boolean | undefined;
}

/** The three ways in: drop files, name a folder, or take the demo. */
export function AddSounds({ onBegun, plain }: AddSoundsProps) {
  return (
    <div class="lib-add">
      <DropZone
        label="Drop a folder or files" hint="WAV, FLAC, AIFF, MP3, Ogg. Folders' names become labels. Your files stay as they are." folders
        disabled={sending.value !== null} onFiles={(files) => void addFiles(files).then((isBegun) => { if (isBegun) onBegun?.(); })}
      />
      <Sent />
      <PathField onBegun={onBegun} />
      {!plain && <p class="t-hint">No sounds at hand? <button type="button" class="lib-link" onClick={() => void addDemo().then((isBegun) => { if (isBegun) onBegun?.(); })}>Add the demo library</button>, which timbrel makes itself.</p>}
    </div>
  );
}

/** A folder on this computer is read where it is; nothing is copied. */
export function PathField({ onBegun }: { onBegun?: (() => void) | undefined }) {
  const [path, setPath] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const begin = async (): Promise<void> => {
    if (!path.trim()) return;
    setBusy(true);
    setError(null);
    await addPath(path.trim()).then(onBegun, setError);
    setBusy(false);
  };
  return (
    <div class="t-stack">
      <div class="lib-path">
        <div class="t-grow">
          <TextField label="Or name a folder of this computer" mono value={path} placeholder="/home/me/samples" onInput={setPath} onEnter={() => void begin()} hint="Best for large libraries: nothing is copied." />
        </div>
        <Button icon="search" busy={busy} disabled={!path.trim()} onClick={() => void begin()}>Scan</Button>
      </div>
      {error !== null && <Thrown error={error} />}
    </div>
  );
}

/** What is on its way to the server, and what it would not take. */
export function Sent() {
  const now = sending.value;
  const refused = turnedDown.value;
  return (
    <>
      {now && (
        <div class="lib-sent">
          <Progress label={`Sending ${several(now.files, "file")}`} done={now.share} total={1} secondsLeft={now.secondsLeft} />
          <Button size="s" icon="stop" onClick={now.stop}>Stop</Button>
        </div>
      )}
      {refused.length > 0 && (
        <div class="lib-turned-down">
          <ErrorNote
            text={`${several(refused.length, "file")} of those that were sent cannot be used.`}
            given={byReason(refused).map((group) => `${some(group.files.map((file) => file.name))}: ${group.reason}`).join("; ")}
            accepted="Sound files that can be read" advice="The others were taken in. Export these anew, and drop them again."
          />
          <IconButton icon="close" size="s" label="Close this note" onClick={() => { turnedDown.value = []; }} />
        </div>
      )}
    </>
  );
}
