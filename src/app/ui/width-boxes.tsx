/** Bit widths to choose from, any number of them. */
import { useId } from "react";
import styles from "./width-boxes.module.css";

const WIDTHS = [2, 3, 4, 5, 6, 7, 8] as const;

export interface WidthBoxesProps {
  readonly label: string;
  readonly help?: string;
  readonly error?: string | null;
  readonly chosen: readonly number[];
  readonly isDisabled?: boolean;
  onChange(widths: number[]): void;
}

export function WidthBoxes({ label, help, error, chosen, isDisabled = false, onChange }: WidthBoxesProps): React.ReactNode {
  const id = useId();
  return (
    <fieldset className={styles.field} aria-describedby={help ? `${id}-help` : undefined}>
      <legend className={styles.label}>{label}</legend>
      <div className={styles.boxes}>
        {WIDTHS.map((bits) => (
          <label key={bits} className={styles.box}>
            <input
              type="checkbox"
              className={styles.input}
              checked={chosen.includes(bits)}
              disabled={isDisabled}
              onChange={(event) => onChange(WIDTHS.filter((one) => (one === bits ? event.target.checked : chosen.includes(one))))}
            />
            <span className={styles.text}>{bits}</span>
          </label>
        ))}
      </div>
      {error ? (
        <p className={styles.error} role="alert">
          {error}
        </p>
      ) : null}
      {help ? (
        <p id={`${id}-help`} className={styles.help}>
          {help}
        </p>
      ) : null}
    </fieldset>
  );
}
