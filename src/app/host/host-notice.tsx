/** Says that a newer version waits, and where threads are missing, why, and what would bring them. */
import { X } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { useLab } from "../state/react";
import { isBusy } from "../state/view";
import { Button } from "../ui/button";
import styles from "./host-notice.module.css";
import { host } from "./live";

export default function HostNotice(): React.ReactNode {
  const { t } = useTranslation("host");
  const { threads, update } = useStore(host.state);
  const busy = useLab((lab) => isBusy(lab.view.state));
  const [dismissed, setDismissed] = useState("");
  const about = update ? "update" : threads;
  if (about === "here" || about === "coming" || about === dismissed) return null;
  const helps = about === "update" || about === "offered";
  return (
    <aside className={styles.notice} aria-label={t("label")} data-host={about}>
      <p role="status">
        {t(about)} {helps && busy ? t("afterRun") : null}
      </p>
      {helps ? (
        <Button isDisabled={busy} onPress={() => host.accept()}>
          {t("reload")}
        </Button>
      ) : null}
      <Button look="quiet" aria-label={t("dismiss")} onPress={() => setDismissed(about)}>
        <X aria-hidden />
      </Button>
    </aside>
  );
}
