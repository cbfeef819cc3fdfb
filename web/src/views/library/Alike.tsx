import { Button } from "../../design/Button";
import { CommandLine } from "../../design/CommandLine";
import { DropZone } from "../../design/DropZone";
import { IconButton } from "../../design/IconButton";
import { MiniWave } from "../../design/MiniWave";
import { Panel } from "../../design/Panel";
import { Segmented } from "../../design/Tabs";
import { hearOrStop, keyOf } from "../sounds/hear";
import { useOutline } from "../sounds/refs";
import { length } from "../sounds/words";
import { nowPlaying } from "../../audio/engine";
import { ASPECT_NAMES, ASPECTS, endSearch, findAlike, findLikeFile, type Search } from "./likeness";
import { Microphone } from "./Microphone";

/** Where a search by sound begins. */
export function AlikePanel() {
  return (
    <Panel title="Search by a sound">
      <div class="t-stack">
        <Microphone />
        <DropZone compact label="Drop a sound" multiple={false} onFiles={([first]) => { if (first) void findLikeFile(first.file); }} />
        <p class="t-hint">Or choose a row and press A.</p>
      </div>
    </Panel>
  );
}

/** What is looked for, and by what; over the table that shows what was found. */
export function AlikeBar({ search }: { search: Search }) {
  const { wanted, aspect, found } = search;
  const peaks = useOutline(wanted.sound, 120, 0);
  const plays = nowPlaying.value === keyOf(wanted.sound);
  return (
    <div class="lib-alike" role="region" aria-label="What is looked for">
      <IconButton icon={plays ? "stop" : "play"} kind="plain" label={plays ? `Stop ${wanted.name}` : `Play ${wanted.name}`} onClick={() => void hearOrStop(wanted.sound, wanted.durationS)} />
      <div class="lib-alike-what">
        <span class="t-clip"><span class="t-soft">Like </span><strong>{wanted.name}</strong> <span class="t-soft">{length(wanted.durationS)}</span></span>
        <MiniWave peaks={peaks?.peaks} normalise />
      </div>
      <Segmented label="What counts" choices={ASPECTS.map((id) => ({ id, label: ASPECT_NAMES[id] }))} current={aspect} onChange={(next) => void findAlike(wanted, next, search.label)} />
      {found?.approximate && <span class="t-hint" title="In a large library only the likely sounds are compared. The command with --exact compares all.">A near sound may be missing</span>}
      {found && <CommandLine command={found.command} compact />}
      <Button size="s" icon="close" onClick={endSearch}>Back to all</Button>
    </div>
  );
}
