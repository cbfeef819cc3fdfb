import { signal } from "@preact/signals";
import { Dialog } from "../design/Dialog";
import { groups, spell, type Group } from "../state/shortcuts";

export const helpOpen = signal(false);

/** All keys that do something now. */
export function KeyboardHelp() {
  return (
    <Dialog open={helpOpen.value} title="Keys" wide onClose={() => { helpOpen.value = false; }}>
      <div class="shell-keys">
        {groups.value.map((group) => <Keys key={group.name} group={group} />)}
      </div>
    </Dialog>
  );
}

function Keys({ group }: { group: Group }) {
  return (
    <section>
      <h3>{group.name}</h3>
      <dl>
        {group.shortcuts.filter((one) => !one.quiet).map((one) => (
          <div key={one.keys}>
            <dt>{spell(one.keys).map((keys, at) => <span key={at}>{at > 0 && " then "}{keys.map((key) => <kbd key={key}>{key}</kbd>)}</span>)}</dt>
            <dd>{one.says}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
