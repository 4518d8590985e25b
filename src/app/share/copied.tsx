/** A text to take away: shown whole, selected at a touch, and copied by its button. */
import { Check, Copy } from "lucide-react";
import { useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../ui/button";
import styles from "./share-dialog.module.css";

interface CopiedProps {
  readonly label: string;
  readonly text: string;
  readonly rows?: number;
  readonly testId?: string;
}

export function Copied({ label, text, rows = 2, testId }: CopiedProps): React.ReactNode {
  const { t } = useTranslation("share");
  const id = useId();
  const field = useRef<HTMLTextAreaElement>(null);
  const [done, setDone] = useState<{ readonly text: string; readonly refused: boolean } | null>(null);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setDone({ text, refused: false });
    } catch {
      field.current?.select();
      setDone({ text, refused: true });
    }
  };
  const told = done?.text === text ? done : null;
  return (
    <div className={styles.copied}>
      <div className={styles.labelled}>
        <label htmlFor={id}>{label}</label>
        <Button onPress={() => void copy()} aria-label={`${t("dialog.copy")}: ${label}`}>
          {told && !told.refused ? <Check aria-hidden /> : <Copy aria-hidden />}
          {told && !told.refused ? t("dialog.copied") : t("dialog.copy")}
        </Button>
      </div>
      <textarea
        ref={field}
        id={id}
        className={styles.text}
        readOnly
        rows={rows}
        value={text}
        spellCheck={false}
        data-testid={testId}
        onFocus={(event) => event.target.select()}
      />
      <span role="status" className={styles.help}>
        {told?.refused ? t("dialog.select") : ""}
      </span>
    </div>
  );
}
