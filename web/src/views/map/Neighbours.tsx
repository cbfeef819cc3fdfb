import { useEffect, useState } from "preact/hooks";
import { get, wasAborted } from "../../api/client";
import type { Neighbours as Near } from "../../api/types";
import { Badge } from "../../design/Badge";
import { Thrown } from "../../design/ErrorNote";
import { IconButton } from "../../design/IconButton";
import { hearOrStop } from "../sounds/hear";
import { distanceWords } from "../sounds/words";
import { indexOf, inHand, plot } from "./desk";

const SHOWN = 4;
const WAIT_MS = 350;

/** The library's sounds nearest to a new one: is it a copy? Asked for once one rests on it. */
export function Neighbours({ sound }: { sound: string }) {
  const [near, setNear] = useState<Near | null>(null);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    const aborter = new AbortController();
    const timer = setTimeout(() => {
      get<Near>(`/api/sounds/${encodeURIComponent(sound)}/neighbours`, { query: { count: SHOWN }, signal: aborter.signal })
        .then(setNear, (thrown: unknown) => { if (!wasAborted(thrown)) setError(thrown); });
    }, WAIT_MS);
    return () => {
      clearTimeout(timer);
      aborter.abort();
    };
  }, [sound]);
  if (error) return <Thrown error={error} />;
  return (
    <section class="map-near" aria-label="Neighbours" aria-busy={!near}>
      <h3>Nearest in the library {near && <Badge tone={near.copied ? "warn" : "good"}>{near.copied ? "a copy" : "no copy"}</Badge>}</h3>
      <ul>{Array.from({ length: SHOWN }, (_, at) => <Row key={at} one={near?.neighbours[at] ?? null} />)}</ul>
    </section>
  );
}

function Row({ one }: { one: Near["neighbours"][number] | null }) {
  if (!one) return <li aria-hidden="true" />;
  const { sound, distance, copied } = one;
  const show = (): void => {
    const index = indexOf(sound.sound);
    if (index < 0) return;
    plot.current?.focusPoint(index);
    inHand.value = { kind: "point", index };
  };
  return (
    <li data-copied={copied || undefined}>
      <IconButton icon="play" size="s" label={`Play ${sound.name}`} onClick={() => void hearOrStop(sound.sound, sound.duration_s)} />
      <button type="button" class="map-name t-clip" title={`Show ${sound.name} on the map`} onClick={show}>{sound.name}</button>
      <span class="t-soft" title={`${distanceWords(distance)}: ${distance.toFixed(2)} units of hearing; 1 is clearly another timbre`}>{distance.toFixed(1)}</span>
    </li>
  );
}
