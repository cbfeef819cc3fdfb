import type { State } from "../../api/types";
import { Icon } from "../../design/Icon";
import { Panel } from "../../design/Panel";

/** What to know of the library before an instrument learns it. */
export function Warnings({ library }: { library: NonNullable<State["library"]> }) {
  if (!library.warnings.length) return null;
  return (
    <Panel title="Good to know">
      <ul class="lib-warnings">
        {library.warnings.map((text) => <li key={text}><Icon name="info" size={1} /><span>{text}</span></li>)}
      </ul>
    </Panel>
  );
}
