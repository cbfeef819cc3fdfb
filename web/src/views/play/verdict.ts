/** Star, reject, and the drag of a sound from place to place. */

import { changeMade } from "../../api/made";
import type { Model } from "../../api/models";
import { dragOut } from "../../audio/drag";
import { toastError } from "../../state/toasts";
import { urlOf } from "./audition";
import type { Pad } from "./pattern";

type Made = Model<"Made">;
export type Verdict = "star" | "reject" | null;

export const verdictOf = (made: Made): Verdict => (made.starred ? "star" : made.rejected ? "reject" : null);

/** Says what a person thinks of a sound; gives the sound as it is then. */
export async function judge(made: Made, verdict: Verdict): Promise<Made | null> {
  try {
    return await changeMade(made.id, { starred: verdict === "star", rejected: verdict === "reject" });
  } catch (thrown) {
    toastError(thrown);
    return null;
  }
}

const TYPE = "application/x-timbrel-sound";

/** Begins a drag: out of the page as a file, within it as a sound. */
export function dragSound(event: DragEvent, { sound, name }: Pad): void {
  dragOut(event, `${urlOf(sound)}?kind=wav`, `${name.replace(/\.[a-z0-9]{2,4}$/i, "")}.wav`);
  event.dataTransfer?.setData(TYPE, JSON.stringify({ sound, name }));
}

export const bringsSound = (event: DragEvent): boolean => event.dataTransfer?.types.includes(TYPE) ?? false;

/** What was dropped; null where it is no sound of this page. */
export function droppedSound(event: DragEvent): Pad | null {
  try {
    const told = JSON.parse(event.dataTransfer?.getData(TYPE) ?? "") as Partial<Pad>;
    return typeof told.sound === "string" && typeof told.name === "string" ? { sound: told.sound, name: told.name } : null;
  } catch {
    return null;
  }
}
