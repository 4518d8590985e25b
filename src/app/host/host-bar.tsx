/** Says that a newer version waits, or where threads are missing, why, and what would bring them. */
import { X } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useLab } from "../state/react";
import { isBusy } from "../state/view";
import { Button } from "../ui/button";
import type { HostState } from "./host";
import styles from "./host-bar.module.css";
import { host } from "./live";

interface HostBarProps {
  readonly about: "update" | Exclude<HostState["threads"], "here" | "coming">;
}

export function HostBar({ about }: HostBarProps): React.ReactNode {
  const { t } = useTranslation("host");
  const busy = useLab((lab) => isBusy(lab.view.state));
  const [dismissed, setDismissed] = useState(false);
  if (dismissed) return null;
  const helps = about === "update" || about === "offered";
  return (
    <aside className={styles.bar} aria-label={t("label")} data-host={about}>
      <p role="status">
        {t(about)} {helps ? t(busy ? "afterRun" : "loses") : null}
      </p>
      {helps ? (
        <Button isDisabled={busy} onPress={() => host.accept()}>
          {t("reload")}
        </Button>
      ) : null}
      <Button look="quiet" aria-label={t("dismiss")} onPress={() => setDismissed(true)}>
        <X aria-hidden />
      </Button>
    </aside>
  );
}
