/** After a run: four ways to go on. */
import { ArrowRight } from "lucide-react";
import { useTranslation } from "react-i18next";
import { usePlace } from "../../state/place";
import { useLab } from "../../state/react";
import { useAskForData } from "../../state/recipe-ask";
import { Button } from "../../ui/button";
import styles from "./next-steps.module.css";

export function NextSteps(): React.ReactNode {
  const { t } = useTranslation("quantize");
  const report = useLab((lab) => lab.view.report);
  const hide = usePlace((place) => place.hide);
  const go = usePlace((place) => place.go);
  const share = useLab((lab) => lab.openShare);
  const own = useAskForData();
  if (!report) return null;
  const steps = [
    ...(own ? [["own", own] as const] : []),
    ["bits", () => go({ view: "precision" })] as const,
    ["why", () => go({ view: "learn" })] as const,
    ...(hide.has("share") ? [] : [["share", share] as const]),
  ];
  return (
    <nav aria-label={t("next.label")} className={styles.next}>
      {steps.map(([name, deed]) => (
        <Button key={name} onPress={deed}>
          <span className={styles.text}>
            <b>{t(`next.${name}`)}</b>
            <small>{t(`next.${name}Note`)}</small>
          </span>
          <ArrowRight aria-hidden />
        </Button>
      ))}
    </nav>
  );
}
