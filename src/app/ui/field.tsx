/**
 * How every field of the recipe looks: its name, the control, one line that says what happens, and, where it differs from
 * its default, the way back.
 */
import { RotateCcw } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button } from "./button";
import styles from "./field.module.css";

/** The default of a field, as people read it, and the way back to it; null where the field stands at its default. */
export interface WayBack {
  readonly text: string;
  reset(): void;
}

export interface FieldProps {
  readonly label: React.ReactNode;
  readonly labelId: string;
  /** The control's id, where it is a native one. */
  readonly htmlFor?: string | undefined;
  readonly help?: React.ReactNode;
  readonly helpId?: string | undefined;
  readonly wayBack?: WayBack | null | undefined;
  readonly isDisabled?: boolean | undefined;
  readonly children: React.ReactNode;
}

export function Field({ label, labelId, htmlFor, help, helpId, wayBack, isDisabled, children }: FieldProps): React.ReactNode {
  const { t } = useTranslation("shell");
  return (
    <div className={styles.field}>
      <div className={styles.head}>
        {htmlFor ? (
          <label id={labelId} htmlFor={htmlFor} className={styles.label}>
            {label}
          </label>
        ) : (
          <span id={labelId} className={styles.label}>
            {label}
          </span>
        )}
        {wayBack ? (
          <Button look="quiet" onPress={wayBack.reset} isDisabled={isDisabled ?? false} aria-label={t("field.reset", { value: wayBack.text })}>
            <RotateCcw aria-hidden />
            <span className={styles.back}>{wayBack.text}</span>
          </Button>
        ) : null}
      </div>
      {children}
      {help ? (
        <p id={helpId} className={styles.help}>
          {help}
        </p>
      ) : null}
    </div>
  );
}
