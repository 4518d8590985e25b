/** Learn: why rounding to nearest is not the best rounding, in a few paragraphs; the lessons with figures will stand here. */
import { Trans, useTranslation } from "react-i18next";
import { usePlace } from "../../state/place";
import { Button } from "../../ui/button";
import styles from "./learn.module.css";

const PARTS = ["grid", "nearest", "hessian", "blocks", "rounding", "bits"] as const;

export function LearnView(): React.ReactNode {
  const { t } = useTranslation("learn");
  const go = usePlace((place) => place.go);
  return (
    <article className={styles.learn}>
      <h2>{t("title")}</h2>
      {PARTS.map((part) => (
        <section key={part}>
          <h3>{t(`${part}.title`)}</h3>
          <p>
            <Trans t={t} i18nKey={`${part}.text`} components={{ i: <i /> }} />
          </p>
        </section>
      ))}
      <p>
        <Button look="primary" onPress={() => go({ view: "quantize" })}>
          {t("back")}
        </Button>
      </p>
      <p className={styles.source}>
        Li et al., <cite>BRECQ: Pushing the Limit of Post-Training Quantization by Block Reconstruction</cite>, ICLR 2021;{" "}
        <a href="https://arxiv.org/abs/2102.05426" rel="noreferrer" target="_blank">
          arXiv 2102.05426
        </a>
      </p>
    </article>
  );
}
