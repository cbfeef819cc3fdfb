import { Icon } from "../design/Icon";
import { route, write } from "../state/route";
import { VIEW_LIST } from "./views";

/** The seven views: at the left, or at the foot of a narrow screen. */
export function Rail() {
  const { view, params } = route.value;
  return (
    <nav class="shell-rail" aria-label="Views">
      <span class="shell-mark" aria-hidden="true"><Mark /></span>
      {VIEW_LIST.map((entry) => (
        <a
          key={entry.id} class="shell-rail-item" href={write(entry.id, { instrument: params["instrument"] })}
          aria-current={entry.id === view ? "page" : undefined}
        >
          <Icon name={entry.icon} size={1.375} />
          <span>{entry.name}</span>
        </a>
      ))}
    </nav>
  );
}

/** A timbrel: a ring with its jingles. */
export function Mark() {
  return (
    <svg viewBox="0 0 32 32" width="26" height="26" focusable="false">
      <circle cx="16" cy="16" r="11" fill="none" stroke="currentColor" stroke-width="3.5" />
      <g fill="currentColor" stroke="var(--ground)" stroke-width="2">
        <circle cx="16" cy="5" r="4" /><circle cx="25.5" cy="21.5" r="4" /><circle cx="6.5" cy="21.5" r="4" />
      </g>
    </svg>
  );
}
