import { useState } from "preact/hooks";
import { Button } from "./Button";
import { IconButton } from "./IconButton";
import "./surfaces.css";

export interface CommandLineProps {
  /** The whole command, as `timbrel scan ~/samples`. */
  command: string;
  /** Only a button that copies it; the command is its tooltip. */
  compact?: boolean | undefined;
}

/** The command that does the same as the page, ready to copy. */
export function CommandLine({ command, compact }: CommandLineProps) {
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await copyText(command);
    setCopied(true);
    setTimeout(() => setCopied(false), 1600);
  };
  const icon = copied ? "check" : compact ? "terminal" : "copy";
  if (compact) return <IconButton icon={icon} size="s" label={copied ? "Copied" : `Copy as command: ${command}`} onClick={copy} />;
  return (
    <div class="t-command">
      <code tabIndex={0}>{command}</code>
      <Button size="s" kind="quiet" icon={icon} onClick={copy}>{copied ? "Copied" : "Copy as command"}</Button>
    </div>
  );
}

export async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    (document.querySelector("dialog:modal") ?? document.body).append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}
