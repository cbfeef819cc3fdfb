import { useEffect, useRef } from "preact/hooks";
import { createWaveform } from "../audio/waveform";
import { peaksOf } from "../audio/peaks";
import { Panel } from "../design/Panel";
import { decay } from "./sample";

/** The large waveform, as the view of one recording has it. */
export function Wave() {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!box.current) return undefined;
    const making = createWaveform(box.current, { peaks: [peaksOf(decay(5, 40000), 2000)], duration: 4, height: 96 });
    return () => void making.then((wave) => wave.destroy());
  }, []);
  return <Panel title="A recording"><div ref={box} /></Panel>;
}
