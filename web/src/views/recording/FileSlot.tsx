import { useEffect, useRef, useState } from "preact/hooks";
import { record, type Recording } from "../../audio/record";
import { Button } from "../../design/Button";
import type { DroppedFile } from "../../design/dropped";
import { DropZone } from "../../design/DropZone";
import { IconButton } from "../../design/IconButton";
import { clock } from "../../design/numbers";
import { Progress } from "../../design/Progress";
import { Select } from "../../design/Select";
import { toastError } from "../../state/toasts";
import { bringOne } from "../hearing/bring";
import { addFile, files } from "./session";

export interface FileSlotProps {
  label: string;
  /** What is used where no file is chosen. */
  none: string;
  value: string | null;
  onChange: (sound: string | null) => void;
}

const LONGEST_TAKE_S = 120;

/** One of the files that were brought, or a new one: dropped, chosen, or sung into the microphone. */
export function FileSlot({ label, none, value, onChange }: FileSlotProps) {
  const [sent, setSent] = useState<number | null>(null);
  const bring = async (dropped: DroppedFile[]): Promise<void> => {
    setSent(0);
    try {
      const file = await bringOne(dropped, setSent);
      addFile(file);
      onChange(file.sound);
    } catch (thrown) {
      toastError(thrown);
    }
    setSent(null);
  };
  const options = [{ value: "", label: none }, ...files.value.map((one) => ({ value: one.sound, label: one.name }))];
  return (
    <div class="t-stack">
      {files.value.length > 0 && <Select label={label} value={value ?? ""} options={options} onChange={(sound) => onChange(sound || null)} />}
      {sent !== null ? <Progress label="Bringing the file" done={sent} total={1} /> : <DropZone compact multiple={false} label={files.value.length ? "Another file" : label} onFiles={(all) => void bring(all)} />}
      <Microphone onTake={(take) => void bring([{ file: take, path: take.name }])} />
    </div>
  );
}

function Microphone({ onTake }: { onTake: (take: File) => void }) {
  const [recording, setRecording] = useState<Recording | null>(null);
  const [seconds, setSeconds] = useState(0);
  const latest = useRef<Recording | null>(null);
  latest.current = recording;
  useEffect(() => () => latest.current?.cancel(), []);
  const start = async (): Promise<void> => {
    try {
      setSeconds(0);
      setRecording(await record({ longestSeconds: LONGEST_TAKE_S, onBlock: (_, so) => setSeconds(so) }));
    } catch (thrown) {
      toastError(thrown);
    }
  };
  const stop = async (): Promise<void> => {
    const take = await recording?.stop();
    setRecording(null);
    if (take) onTake(new File([take.blob], "take.wav", { type: "audio/wav" }));
  };
  if (!recording) return <div><Button size="s" icon="mic" onClick={() => void start()}>Record</Button></div>;
  return (
    <div class="t-row" role="status">
      <Button size="s" kind="danger" icon="stop" onClick={() => void stop()}>Take it</Button>
      <IconButton icon="close" size="s" label="Forget this take" onClick={() => { recording.cancel(); setRecording(null); }} />
      <span class="t-number">{clock(seconds)}</span>
    </div>
  );
}
