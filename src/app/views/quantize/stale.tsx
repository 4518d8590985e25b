/** Says that the form has moved on from the result that is shown, and offers the way back. */
import { useTranslation } from "react-i18next";
import { useLab } from "../../state/react";
import { isBusy } from "../../state/view";
import { Button } from "../../ui/button";
import styles from "./stale.module.css";
import { useIsCurrent } from "./use-current";

export function Stale(): React.ReactNode {
  const { t } = useTranslation("shell");
  const isCurrent = useIsCurrent();
  const busy = useLab((lab) => isBusy(lab.view.state));
  const ran = useLab((lab) => lab.view.accuracy.quantized !== undefined);
  const restore = useLab((lab) => lab.restore);
  if (isCurrent || busy || !ran) return null;
  return (
    <p className={styles.stale} role="status">
      {t("stale.text")}{" "}
      <Button look="quiet" onPress={restore}>
        {t("stale.back")}
      </Button>
    </p>
  );
}
