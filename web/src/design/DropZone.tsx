import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import { Button } from "./Button";
import { chosen, dropped, type DroppedFile } from "./dropped";
import { Icon } from "./Icon";
import "./data.css";

export type { DroppedFile };

export interface DropZoneProps {
  /** What is to be dropped here, such as "Drop a folder or files". */
  label: string;
  hint?: ComponentChildren;
  onFiles: (files: DroppedFile[]) => void;
  /** Offer a folder chooser too. */
  folders?: boolean | undefined;
  multiple?: boolean | undefined;
  accept?: string | undefined;
  disabled?: boolean | undefined;
  compact?: boolean | undefined;
}

/** A place to drop files and folders on, with buttons that do the same. */
export function DropZone(props: DropZoneProps) {
  const { label, hint, onFiles, folders, multiple = true, accept = "audio/*,.flac,.aif,.aiff,.w64,.caf", disabled } = props;
  const [over, setOver] = useState(false);
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const take = async (event: DragEvent): Promise<void> => {
    event.preventDefault();
    setOver(false);
    if (!disabled) tell(await dropped(event.dataTransfer));
  };
  const tell = (all: DroppedFile[]): void => { if (all.length) onFiles(multiple ? all : all.slice(0, 1)); };
  const pick = (input: HTMLInputElement): void => {
    tell(chosen(input.files));
    input.value = "";
  };
  return (
    <div
      class="t-drop" role="group" aria-label={label} data-over={over || undefined} data-compact={props.compact || undefined} data-disabled={disabled || undefined}
      onDragOver={(event) => { event.preventDefault(); setOver(!disabled); }}
      onDragLeave={(event) => { if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false); }}
      onDrop={(event) => void take(event)}
    >
      <Icon name="upload" size={props.compact ? 1.25 : 1.75} />
      <div class="t-drop-text">
        <strong>{label}</strong>
        {hint && <p class="t-hint">{hint}</p>}
      </div>
      <div class="t-row" data-wrap>
        <Button size="s" icon="file" disabled={disabled} onClick={() => files.current?.click()}>{multiple ? "Choose files" : "Choose a file"}</Button>
        {folders && <Button size="s" icon="folder" disabled={disabled} onClick={() => folder.current?.click()}>Choose a folder</Button>}
      </div>
      <input ref={files} type="file" hidden multiple={multiple} accept={accept} onChange={(event) => pick(event.currentTarget)} />
      {folders && <input ref={(input) => { folder.current = input; input?.setAttribute("webkitdirectory", ""); }} type="file" hidden onChange={(event) => pick(event.currentTarget)} />}
    </div>
  );
}
