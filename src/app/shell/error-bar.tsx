/** What went wrong, in sight wherever one has scrolled to, until it is dismissed or something new begins. */
import { X } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useLab } from "../state/react";
import { Button } from "../ui/button";
import styles from "./error-bar.module.css";

export function ErrorBar(): React.ReactNode {
  const { t } = useTranslation("shell");
  const error = useLab((lab) => lab.complaint ?? lab.view.error);
  const dismiss = useLab((lab) => lab.dismissError);
  return (
    <div role="alert" className={error === null ? "visually-hidden" : styles.bar}>
      {error === null ? null : (
        <>
          <div>
            <b>{t("error.title")}</b> <span lang="en">{error}</span>
          </div>
          <Button look="quiet" aria-label={t("error.dismiss")} onPress={dismiss}>
            <X aria-hidden />
          </Button>
        </>
      )}
    </div>
  );
}
