/** Drags a sound out of the page: into a folder or a DAW, where the browser can. */

import { at } from "../api/client";

/** Call it in `onDragStart`. Chromium makes a file of it; others drop the address. */
export function dragOut(event: DragEvent, url: string, filename: string, type = "audio/wav"): void {
  const absolute = /^(https?|blob):/.test(url) ? url : at(url);
  const safe = filename.replace(/[\\/:*?"<>|\u0000-\u001f]/g, "_");
  event.dataTransfer?.setData("DownloadURL", `${type}:${safe}:${absolute}`);
  event.dataTransfer?.setData("text/uri-list", absolute);
  if (event.dataTransfer) event.dataTransfer.effectAllowed = "copy";
}

/** Saves a file under a name. */
export function saveAs(url: string, filename: string): void {
  const link = document.createElement("a");
  link.href = /^(https?|blob):/.test(url) ? url : at(url);
  link.download = filename;
  link.click();
}
