/** The form's building blocks. */
import { useId, useState } from "react";

interface FieldProps {
  readonly label: string;
  readonly help?: string;
  /** For a field that is laid out unlike the others: "field-short" beside its label, "field-wide" below it. */
  readonly className?: "field-short" | "field-wide";
  readonly children: (id: string) => React.ReactNode;
}

export function Field({ label, help, className, children }: FieldProps): React.ReactNode {
  const id = useId();
  return (
    <div className={className ? `field ${className}` : "field"}>
      <label htmlFor={id} title={help}>
        {label}
      </label>
      {children(id)}
    </div>
  );
}

interface ChoiceProps<T extends string> extends Pick<FieldProps, "label" | "help" | "className"> {
  readonly value: T;
  readonly options: readonly (readonly [value: T, label: string])[];
  readonly disabled?: boolean;
  onChange(value: T): void;
}

export function Choice<T extends string>({ label, help, className, value, options, disabled, onChange }: ChoiceProps<T>): React.ReactNode {
  return (
    <Field label={label} {...(help ? { help } : {})} {...(className ? { className } : {})}>
      {(id) => (
        <select id={id} value={value} disabled={disabled} onChange={(event) => onChange(event.target.value as T)}>
          {options.map(([option, text]) => (
            <option key={option} value={option}>
              {text}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

interface TextProps<T> {
  readonly label: string;
  readonly help?: string;
  readonly value: T;
  readonly disabled?: boolean;
  format(value: T): string;
  /** The value that a text means, or a sentence about what was expected. */
  parse(text: string): { readonly value: T } | { readonly error: string };
  onChange(value: T): void;
}

/** A text field that keeps what is typed until it means something else, and says what is wrong with it. */
export function TextField<T>({ label, help, value, disabled, format, parse, onChange }: TextProps<T>): React.ReactNode {
  const [draft, setDraft] = useState<{ text: string; error: string } | null>(null);
  return (
    <Field label={label} {...(help ? { help } : {})}>
      {(id) => (
        <>
          <input
            id={id}
            value={draft?.text ?? format(value)}
            disabled={disabled}
            inputMode="decimal"
            aria-invalid={draft !== null && draft.error !== ""}
            aria-describedby={draft?.error ? `${id}-error` : undefined}
            onChange={(event) => {
              const text = event.target.value;
              const result = parse(text);
              if ("value" in result) onChange(result.value);
              setDraft({ text, error: "error" in result ? result.error : "" });
            }}
            onBlur={() => setDraft((current) => (current?.error ? current : null))}
          />
          {draft?.error ? (
            <span className="field-error" id={`${id}-error`} role="alert">
              {draft.error}
            </span>
          ) : null}
        </>
      )}
    </Field>
  );
}

/** A parser for whole or fractional numbers in a range. */
export function inRange(low: number, high: number, whole: boolean): (text: string) => { value: number } | { error: string } {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== "" && Number.isFinite(value) && value >= low && value <= high && (!whole || Number.isInteger(value))) return { value };
    return { error: `Expected ${whole ? "an integer" : "a number"} from ${low} to ${high}.` };
  };
}
