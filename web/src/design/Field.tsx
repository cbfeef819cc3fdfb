import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import "./controls.css";

/** What an input must carry to belong to its field. */
export interface FieldHooks {
  id: string;
  "aria-describedby": string | undefined;
  "aria-invalid": true | undefined;
}

export interface FieldProps {
  label: string;
  hint?: ComponentChildren;
  error?: string | null | undefined;
  hideLabel?: boolean | undefined;
  /** Label beside the input, not above. */
  inline?: boolean | undefined;
  children: (hooks: FieldHooks) => ComponentChildren;
}

/** Label, hint and error around any input: `<Field label="Name">{(f) => <input {...f} />}</Field>`. */
export function Field({ label, hint, error, hideLabel, inline, children }: FieldProps) {
  const id = useId();
  const told = [hint ? `${id}-hint` : "", error ? `${id}-error` : ""].filter(Boolean).join(" ");
  return (
    <div class="t-field" data-inline={inline || undefined}>
      <label for={id} class={hideLabel ? "t-unseen" : "t-label"}>{label}</label>
      {children({ id, "aria-describedby": told || undefined, "aria-invalid": error ? true : undefined })}
      {hint && <p id={`${id}-hint`} class="t-hint">{hint}</p>}
      {error && <p id={`${id}-error`} class="t-field-error" role="alert">{error}</p>}
    </div>
  );
}

export interface TextFieldProps extends Omit<FieldProps, "children"> {
  value: string;
  onInput: (value: string) => void;
  /** Enter was pressed. */
  onEnter?: ((value: string) => void) | undefined;
  placeholder?: string | undefined;
  type?: "text" | "search" | undefined;
  mono?: boolean | undefined;
  disabled?: boolean | undefined;
  rows?: number | undefined;
}

export function TextField(props: TextFieldProps) {
  const { value, onInput, onEnter, placeholder, type = "text", mono, disabled, rows, ...field } = props;
  const shared = { value, placeholder, disabled, class: "t-input", "data-mono": mono || undefined, spellcheck: false, autocomplete: "off" } as const;
  return (
    <Field {...field}>
      {(hooks) => rows
        ? <textarea {...hooks} {...shared} rows={rows} onInput={(event) => onInput(event.currentTarget.value)} />
        : (
          <input
            {...hooks} {...shared} type={type as "text"} onInput={(event) => onInput(event.currentTarget.value)}
            onKeyDown={(event) => event.key === "Enter" && onEnter?.(event.currentTarget.value)}
          />
        )}
    </Field>
  );
}
