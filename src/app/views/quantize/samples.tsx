/** Test images with what the three networks call them: first what was won back, then what is still wrong. */
import { useTranslation } from "react-i18next";
import { METHOD_CATALOG } from "../../../quantize/methods/catalog";
import { useLab } from "../../state/react";
import { Picture } from "../../ui/picture";
import styles from "./samples.module.css";

export function Samples(): React.ReactNode {
  const { t } = useTranslation("quantize");
  const samples = useLab((lab) => lab.view.samples);
  const method = useLab((lab) => (lab.view.recipe ?? lab.recipe).method);
  const names = { fullPrecision: t("legend.full"), nearest: t("legend.nearest"), quantized: METHOD_CATALOG[method].title };
  return (
    <>
      <p className={styles.note}>{t("samples.about")}</p>
      <ul className={styles.samples}>
        {samples.map((sample, index) => {
          const right = sample.label ?? sample.predictions.fullPrecision;
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: samples arrive once, as a whole
            <li key={index} className={styles.sample} data-testid="sample">
              <Picture picture={sample} label={sample.label ?? t("try.picture")} />
              <dl>
                {(["fullPrecision", "nearest", "quantized"] as const).map((name) => (
                  <div key={name} className={styles[name]}>
                    <dt>{names[name]}</dt>
                    <dd>
                      {sample.predictions[name]} {sample.predictions[name] === right ? "✓" : "✗"}
                    </dd>
                  </div>
                ))}
              </dl>
            </li>
          );
        })}
      </ul>
    </>
  );
}
