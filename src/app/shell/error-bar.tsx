/** What went wrong, in sight wherever one has scrolled to, until it is dismissed or something new begins; and a report of it to copy. */
import { Check, ClipboardCopy, X } from "lucide-react";
import { useContext, useState } from "react";
import { useTranslation } from "react-i18next";
import { LabContext, useLab } from "../state/react";
import { Button } from "../ui/button";
import { save } from "../ui/save";
import styles from "./error-bar.module.css";

export function ErrorBar(): React.ReactNode {
  const { t } = useTranslation("shell");
  const error = useLab((lab) => lab.complaint ?? lab.view.error);
  const dismiss = useLab((lab) => lab.dismissError);
  return (
    <div role="alert" className={error === null ? "visually-hidden" : styles.bar}>
      {error === null ? null : (
        <>
          <div className={styles.text}>
            <b>{t("error.title")}</b> <span lang="en">{error}</span>
          </div>
          <CopyReport error={error} key={error} />
          <Button look="quiet" aria-label={t("error.dismiss")} onPress={dismiss}>
            <X aria-hidden />
          </Button>
        </>
      )}
    </div>
  );
}

/** Copies the report; where the clipboard is refused it is saved as a file. */
function CopyReport({ error }: { readonly error: string }): React.ReactNode {
  const { t } = useTranslation("shell");
  const lab = useContext(LabContext);
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    if (!lab) return;
    const { errorReport } = await import("../host/error-report");
    const text = errorReport({ error, ...lab.getState() });
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
    } catch {
      save("brecq-lab-error.json", "application/json", new Blob([text]));
    }
  };
  return (
    <Button look="quiet" onPress={() => void copy()}>
      {copied ? <Check aria-hidden /> : <ClipboardCopy aria-hidden />}
      {t(copied ? "error.copied" : "error.report")}
    </Button>
  );
}
