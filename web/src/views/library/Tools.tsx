import type { State } from "../../api/types";
import { Badge } from "../../design/Badge";
import { Button } from "../../design/Button";
import { CommandLine } from "../../design/CommandLine";
import { TextField } from "../../design/Field";
import { count, several } from "../../design/numbers";
import { Toggle } from "../../design/Toggle";
import { labelName } from "../sounds/words";
import type { Question } from "./questions";

interface HeadToolsProps {
  library: NonNullable<State["library"]>;
  command: string;
  onOpen: (what: "add" | "refused" | "duplicates") => void;
}

/** Right of the title: what is done with the library as a whole. */
export function HeadTools({ library, command, onOpen }: HeadToolsProps) {
  const skipped = Object.values(library.skipped).reduce((sum, one) => sum + one, 0);
  return (
    <>
      {skipped > 0 && <Button kind="quiet" icon="warning" onClick={() => onOpen("refused")}>{several(skipped, "file")} left out</Button>}
      <Button kind="quiet" icon="copy" onClick={() => onOpen("duplicates")}>Duplicates</Button>
      <CommandLine command={command || library.command} compact />
      <Button icon="plus" onClick={() => onOpen("add")}>Add sounds</Button>
    </>
  );
}

interface ToolsProps {
  question: Question;
  total: number | null;
  onAsk: (question: Question) => void;
  playOnHover: boolean;
  onHover: (on: boolean) => void;
}

/** Over the table: what it shows. */
export function Tools({ question, total, onAsk, playOnHover, onHover }: ToolsProps) {
  const isNarrowed = question.words.trim() !== "" || question.label !== null;
  return (
    <div class="lib-tools" role="search">
      <div class="lib-words">
        <TextField label="Search by words" hideLabel type="search" value={question.words} placeholder="Words in name, folder, label" onInput={(words) => onAsk({ ...question, words })} />
      </div>
      {question.label !== null && (
        <button type="button" class="lib-tag" aria-label={`Show all labels, not only ${labelName(question.label)}`} onClick={() => onAsk({ ...question, label: null })}>
          <Badge tone="accent">{labelName(question.label)} ×</Badge>
        </button>
      )}
      <span class="t-soft t-small" role="status">{isNarrowed && total !== null ? `${count(total)} found` : ""}</span>
      <span class="t-grow" />
      <Toggle label="Play on hover" checked={playOnHover} onChange={onHover} />
    </div>
  );
}
