/**
 * One of many, as the platform's own list: it opens as people are used to on each device, reads well to screen readers, and
 * costs nothing. Few choices are Segments.
 */
import { useId } from "react";
import { Field, type WayBack } from "./field";
import styles from "./field.module.css";

export interface ChoiceProps<T extends string> {
  readonly label: string;
  readonly help?: React.ReactNode;
  readonly value: T;
  readonly options: readonly (readonly [value: T, label: string])[];
  readonly wayBack?: WayBack | null;
  readonly isDisabled?: boolean | undefined;
  onChange(value: T): void;
}

export function Choice<T extends string>({ label, help, value, options, wayBack, isDisabled, onChange }: ChoiceProps<T>): React.ReactNode {
  const id = useId();
  return (
    <Field label={label} labelId={`${id}-label`} htmlFor={id} help={help} helpId={`${id}-help`} wayBack={wayBack} isDisabled={isDisabled}>
      <select
        id={id}
        className={styles.control}
        value={value}
        disabled={isDisabled}
        aria-describedby={help ? `${id}-help` : undefined}
        onChange={(event) => onChange(event.target.value as T)}
      >
        {options.map(([option, text]) => (
          <option key={option} value={option}>
            {text}
          </option>
        ))}
      </select>
    </Field>
  );
}
