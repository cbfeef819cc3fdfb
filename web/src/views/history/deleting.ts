/** Deletion that can be taken back for some seconds: only then is anything gone. */

import { post } from "../../api/client";
import { several } from "../../design/numbers";
import { toast, toastError } from "../../state/toasts";
import { current, going, selected } from "./list";

const WAIT_S = 8;

export function deleteSoon(ids: readonly string[], name: string): void {
  going.value = new Set([...going.value, ...ids]);
  selected.value = new Set([...selected.value].filter((id) => !ids.includes(id)));
  let isBack = false;
  const what = ids.length === 1 ? name : several(ids.length, "sound");
  const back = (): void => {
    isBack = true;
    release(ids);
  };
  toast(`${what} will be deleted.`, { seconds: WAIT_S, action: { label: "Keep after all", run: back } });
  setTimeout(() => { if (!isBack) void deleteNow(ids); }, WAIT_S * 1000);
}

async function deleteNow(ids: readonly string[]): Promise<void> {
  try {
    await post("/api/made/delete", { ids });
    if (current.value && ids.includes(current.value.id)) current.value = null;
  } catch (thrown) {
    toastError(thrown);
  } finally {
    release(ids);
  }
}

const release = (ids: readonly string[]): void => {
  going.value = new Set([...going.value].filter((id) => !ids.includes(id)));
};
