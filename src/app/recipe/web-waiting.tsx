/** A download that goes: what of it is there, and the way to stop it. */
import { useTranslation } from "react-i18next";
import { useFormat } from "../i18n/format";
import { Button } from "../ui/button";
import styles from "./recipe.module.css";
import type { Step } from "./web-steps";

interface WaitingProps {
  readonly step: Extract<Step, { kind: "waiting" }>;
  onStop(): void;
}

export function WebWaiting({ step: { progress, host }, onStop }: WaitingProps): React.ReactNode {
  const { t } = useTranslation("recipe");
  const format = useFormat();
  const text = progress
    ? t(progress.total === null ? "web.progress" : "web.progressOf", {
        what: progress.text,
        received: format.bytes(progress.received),
        total: format.bytes(progress.total ?? 0),
      })
    : t("web.asking", { host });
  return (
    <div className={styles.found}>
      <p className={styles.hint}>{text}</p>
      <progress aria-label={t("web.progressLabel")} max={1} value={progress?.total ? progress.received / progress.total : undefined} />
      <div>
        <Button onPress={onStop}>{t("web.stop")}</Button>
      </div>
    </div>
  );
}
