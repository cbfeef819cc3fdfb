import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { Icon, type IconName } from "./Icon";
import "./controls.css";

export interface Tab<T extends string = string> {
  id: T;
  label: string;
  badge?: ComponentChildren;
}

export interface TabsProps<T extends string> {
  /** What is chosen between. */
  label: string;
  tabs: readonly Tab<T>[];
  current: T;
  onChange: (id: T) => void;
  /** The current tab's content. */
  children?: ComponentChildren;
}

export function Tabs<T extends string>({ label, tabs, current, onChange, children }: TabsProps<T>) {
  const id = useId();
  return (
    <div class="t-tabs">
      <div role="tablist" aria-label={label} class="t-tablist" onKeyDown={(event) => moveWithin(event, "[role=tab]")}>
        {tabs.map((tab) => (
          <button
            key={tab.id} type="button" role="tab" id={`${id}-${tab.id}`} class="t-tab" aria-selected={tab.id === current}
            aria-controls={`${id}-panel`} tabIndex={tab.id === current ? 0 : -1} onClick={() => onChange(tab.id)}
          >
            {tab.label}{tab.badge}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${id}-panel`} class="t-tabpanel" aria-labelledby={`${id}-${current}`}>{children}</div>
    </div>
  );
}

export interface Choice<T extends string = string> {
  id: T;
  label: string;
  icon?: IconName | undefined;
  /** Show only the icon; the label is told. */
  iconOnly?: boolean | undefined;
  disabled?: boolean | undefined;
}

export interface SegmentedProps<T extends string> {
  label: string;
  choices: readonly Choice<T>[];
  current: T;
  onChange: (id: T) => void;
}

/** One of a few, all in sight: modes, colourings. */
export function Segmented<T extends string>({ label, choices, current, onChange }: SegmentedProps<T>) {
  return (
    <div role="radiogroup" aria-label={label} class="t-segmented" onKeyDown={(event) => moveWithin(event, "[role=radio]")}>
      {choices.map((choice) => (
        <button
          key={choice.id} type="button" role="radio" class="t-segment" aria-checked={choice.id === current} disabled={choice.disabled}
          aria-label={choice.iconOnly ? choice.label : undefined} data-tip={choice.iconOnly ? choice.label : undefined}
          tabIndex={choice.id === current ? 0 : -1} onClick={() => onChange(choice.id)}
        >
          {choice.icon && <Icon name={choice.icon} size={1} />}
          {!choice.iconOnly && choice.label}
        </button>
      ))}
    </div>
  );
}

/** Arrow keys, Home and End among the like buttons of a group; the one reached is pressed. */
function moveWithin(event: KeyboardEvent, which: string): void {
  const all = [...(event.currentTarget as Element).querySelectorAll<HTMLButtonElement>(`${which}:not(:disabled)`)];
  const here = all.indexOf(event.target as HTMLButtonElement);
  const to = { ArrowRight: here + 1, ArrowDown: here + 1, ArrowLeft: here - 1, ArrowUp: here - 1, Home: 0, End: all.length - 1 }[event.key];
  if (to === undefined || here < 0) return;
  event.preventDefault();
  const next = all[(to + all.length) % all.length];
  next?.focus();
  next?.click();
}
