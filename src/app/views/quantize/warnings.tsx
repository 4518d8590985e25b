/** What the run warns of, beside the figures that it concerns. */
import { TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import { isSamePreprocessing } from "../../../data/preprocessing-presets";
import { useLab } from "../../state/react";
import { Button } from "../../ui/button";
import styles from "./warnings.module.css";

export function Warnings(): React.ReactNode {
  const { t } = useTranslation("quantize");
  const warnings = useLab((lab) => lab.view.warnings);
  const advice = useLab((lab) => lab.view.advice);
  const preprocessing = useLab((lab) => lab.recipe.preprocessing);
  const change = useLab((lab) => lab.change);
  if (warnings.length === 0) return null;
  return (
    <section aria-label={t("warnings.label")} className={styles.warnings}>
      {warnings.map((warning) => (
        <p key={warning} role="note" className={styles.warning}>
          <TriangleAlert aria-hidden />
          <span>
            <span lang="en">{warning}</span>{" "}
            {warning === advice?.message ? (
              <Button
                look="quiet"
                isDisabled={isSamePreprocessing(preprocessing, advice.preprocessing)}
                onPress={() => change({ preprocessing: advice.preprocessing })}
              >
                {isSamePreprocessing(preprocessing, advice.preprocessing) ? t("warnings.taken") : t("warnings.take")}
              </Button>
            ) : null}
          </span>
        </p>
      ))}
    </section>
  );
}
