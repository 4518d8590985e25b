/** The few numbers of a shared result, which are there before anything runs. */
import { useTranslation } from "react-i18next";
import { METHOD_CATALOG } from "../../quantize/methods/catalog";
import type { Headline, SharedRun } from "../../session/share/shared";
import { useFormat } from "../i18n/format";
import styles from "./shared-result.module.css";

export function Numbers({ run }: { readonly run: SharedRun }): React.ReactNode {
  const { t } = useTranslation("share");
  const format = useFormat();
  const { headline, fingerprint, recipe } = run;
  const { title } = METHOD_CATALOG[recipe.method];
  if (!headline) {
    if (!fingerprint) return null;
    const { top1, agreement } = fingerprint;
    return (
      <div className={styles.numbers}>
        <div className={`${styles.number} ${styles.quantized}`}>
          <b>{format.percent(top1 ?? agreement)}</b>
          <small>{`${title}, ${top1 === null ? t("opened.agreement") : t("opened.top1")}`}</small>
        </div>
      </div>
    );
  }
  const { accuracy, size, evaluatedOn } = headline;
  const labelled = accuracy.quantized.top1 !== null;
  const what = !labelled ? t("opened.agreement") : accuracy.quantized.meanIou === undefined ? t("opened.top1") : t("opened.pixels");
  const value = (name: keyof Headline["accuracy"]) => format.percent((labelled ? accuracy[name].top1 : accuracy[name].agreement) ?? 0);
  const images = { number: format.count(accuracy.quantized.images) };
  return (
    <>
      <div className={styles.numbers}>
        {labelled ? (
          <div className={`${styles.number} ${styles.full}`}>
            <b>{value("fullPrecision")}</b>
            <small>{t("opened.fullPrecision")}</small>
          </div>
        ) : null}
        <div className={`${styles.number} ${styles.nearest}`}>
          <b>{value("nearest")}</b>
          <small>{t("opened.nearest")}</small>
        </div>
        <div className={`${styles.number} ${styles.quantized}`} data-testid="shared-accuracy">
          <b>{value("quantized")}</b>
          <small>{`${title}, ${what}`}</small>
        </div>
        {size ? (
          <div className={styles.number}>
            <b>{t("opened.sizes", { before: format.bytes(size.fullPrecision), after: format.bytes(size.quantized) })}</b>
            <small>{t("opened.size")}</small>
          </div>
        ) : null}
      </div>
      <p className={styles.note}>{evaluatedOn === "evaluation" ? t("opened.images", images) : t("opened.imagesCalibration", images)}</p>
    </>
  );
}
