import { useEffect, useRef, useState } from "preact/hooks";
import { record, type Recording } from "../../audio/record";
import { Button } from "../../design/Button";
import { IconButton } from "../../design/IconButton";
import { toastError } from "../../state/toasts";
import { findLikeTake } from "./likeness";

const LONGEST_S = 8;

/** Hum or tap: what the microphone hears is what is looked for. */
export function Microphone() {
  const [take, setTake] = useState<Recording | null>(null);
  const [busy, setBusy] = useState(false);
  const held = useRef<Recording | null>(null);
  useEffect(() => () => held.current?.cancel(), []);

  const begin = async (): Promise<void> => {
    setBusy(true);
    try {
      held.current = await record({ longestSeconds: LONGEST_S, onLimit: () => void finish() });
      setTake(held.current);
    } catch (thrown) {
      toastError(thrown);
    }
    setBusy(false);
  };
  const finish = async (): Promise<void> => {
    const done = held.current;
    held.current = null;
    setTake(null);
    if (!done) return;
    setBusy(true);
    await done.stop().then(findLikeTake).catch(toastError);
    setBusy(false);
  };
  const drop = (): void => {
    held.current?.cancel();
    held.current = null;
    setTake(null);
  };

  if (!take) return <Button size="s" icon="mic" busy={busy} onClick={() => void begin()}>Hum or tap</Button>;
  return (
    <div class="lib-mic" role="group" aria-label="Recording">
      <Button size="s" icon="stop" kind="go" onClick={() => void finish()}>Find this</Button>
      <MicLevel take={take} />
      <IconButton icon="close" size="s" label="Forget the recording" onClick={drop} />
    </div>
  );
}

function MicLevel({ take }: { take: Recording }) {
  const [now, setNow] = useState({ level: 0, seconds: 0 });
  useEffect(() => {
    const timer = setInterval(() => setNow({ level: take.level(), seconds: take.seconds() }), 80);
    return () => clearInterval(timer);
  }, [take]);
  return (
    <span class="lib-mic-level">
      <span class="lib-mic-track"><span style={{ width: `${Math.min(100, Math.sqrt(now.level) * 100)}%` }} /></span>
      <span class="t-small" role="timer">{now.seconds.toFixed(1)} s</span>
    </span>
  );
}
