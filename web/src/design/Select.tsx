import { Field, type FieldProps } from "./Field";
import { Icon } from "./Icon";

export interface Option<V extends string = string> {
  value: V;
  label: string;
  disabled?: boolean | undefined;
  group?: string | undefined;
}

export interface SelectProps<V extends string> extends Omit<FieldProps, "children"> {
  value: V;
  options: readonly Option<V>[];
  onChange: (value: V) => void;
  disabled?: boolean | undefined;
}

export function Select<V extends string>({ value, options, onChange, disabled, ...field }: SelectProps<V>) {
  const groups = [...new Set(options.map((option) => option.group ?? ""))];
  const list = (group: string) => options.filter((option) => (option.group ?? "") === group).map((option) => (
    <option key={option.value} value={option.value} disabled={option.disabled}>{option.label}</option>
  ));
  return (
    <Field {...field}>
      {(hooks) => (
        <span class="t-select">
          <select {...hooks} class="t-input" value={value} disabled={disabled} onChange={(event) => onChange(event.currentTarget.value as V)}>
            {groups.map((group) => (group ? <optgroup key={group} label={group}>{list(group)}</optgroup> : list(group)))}
          </select>
          <Icon name="down" size={0.875} />
        </span>
      )}
    </Field>
  );
}
