/**
 * A number, or anything else that is typed. It keeps what is typed until it means something else, says what was expected, and
 * tells the page that the form holds something invalid, so that nothing runs with a value that is not on the screen.
 */
import { useEffect, useId, useState } from "react";
import { useInvalid } from "../state/invalid";
import { Field, type WayBack } from "./field";
import styles from "./field.module.css";

export type Parsed<T> = { readonly value: T } | { readonly error: string };

export interface NumberFieldProps<T> {
  readonly label: string;
  readonly help?: React.ReactNode;
  readonly value: T;
  readonly wayBack?: WayBack | null;
  readonly isDisabled?: boolean | undefined;
  /** How the keyboard of a phone opens. */
  readonly inputMode?: "decimal" | "numeric" | "text";
  /** What an empty field means. */
  readonly placeholder?: string;
  format(value: T): string;
  /** The value that a text means, or a sentence about what was expected. */
  parse(text: string): Parsed<T>;
  onChange(value: T): void;
}

export function NumberField<T>({
  label,
  help,
  value,
  wayBack,
  isDisabled,
  inputMode = "decimal",
  placeholder,
  format,
  parse,
  onChange,
}: NumberFieldProps<T>): React.ReactNode {
  const id = useId();
  const [draft, setDraft] = useState<{ readonly text: string; readonly error: string } | null>(null);
  const shown = format(value);
  // A value that was changed elsewhere replaces what was typed and meant nothing.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the draft goes when the value changes, whatever the draft is
  useEffect(() => setDraft(null), [shown]);
  useInvalid(id, draft?.error ? label : null);
  const described = [draft?.error ? `${id}-error` : "", help ? `${id}-help` : ""].filter(Boolean).join(" ");
  return (
    <Field label={label} labelId={`${id}-label`} htmlFor={id} help={help} helpId={`${id}-help`} wayBack={wayBack} isDisabled={isDisabled}>
      <input
        id={id}
        className={styles.control}
        value={draft?.text ?? shown}
        disabled={isDisabled}
        inputMode={inputMode}
        placeholder={placeholder}
        aria-invalid={draft !== null && draft.error !== ""}
        aria-describedby={described || undefined}
        onChange={(event) => {
          const text = event.target.value;
          const result = parse(text);
          if ("value" in result) onChange(result.value);
          setDraft({ text, error: "error" in result ? result.error : "" });
        }}
        onBlur={() => setDraft((current) => (current?.error ? current : null))}
      />
      {draft?.error ? (
        <span className={styles.error} id={`${id}-error`} role="alert">
          {draft.error}
        </span>
      ) : null}
    </Field>
  );
}
