import { post } from "../../api/client";
import type { Labelled, Labelling } from "../../api/types";
import { several } from "../../design/numbers";
import { toast, toastError } from "../../state/toasts";
import { labelName } from "./words";

/** How long a label can be taken back from its notice. */
const UNDO_S = 12;

/** Gives sounds another label, says so, and offers to take it back; gives the command. */
export async function setLabel(wish: Labelling): Promise<string> {
  const { changed, command, undo } = await post<Labelled>("/api/library/labels", wish);
  const action = undo ? { label: "Undo", run: () => void takeBack(undo) } : undefined;
  toast(`${several(changed, "sound")} now ${changed === 1 ? "has" : "have"} the label ${labelName(wish.label)}.`, { kind: "good", action, seconds: UNDO_S });
  return command;
}

async function takeBack(undo: string): Promise<void> {
  try {
    const { changed } = await post<Labelled>("/api/library/labels/undo", { undo });
    toast(`${several(changed, "sound")} ${changed === 1 ? "has its" : "have their"} earlier label again.`, { kind: "good" });
  } catch (thrown) {
    toastError(thrown);
  }
}
