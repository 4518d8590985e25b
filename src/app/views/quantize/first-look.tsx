/** What rounding would take from each layer, before any image is looked at. */
import { useTranslation } from "react-i18next";
import type { FirstLook } from "../../../quantize/first-look";
import { LOOKED_AT } from "../../../quantize/settings";
import { shortName } from "../../../session/network/view";
import { useFormat } from "../../i18n/format";
import { usePlace } from "../../state/place";
import { Button } from "../../ui/button";
import styles from "../../ui/table.module.css";

export function FirstLookTable({ look }: { readonly look: FirstLook }): React.ReactNode {
  const { t } = useTranslation("quantize");
  const format = useFormat();
  const go = usePlace((place) => place.go);
  return (
    <>
      <p className={styles.dim}>{t("look.about")}</p>
      <div className={styles.scroll}>
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">{t("look.layer")}</th>
              {LOOKED_AT.map((bits) => (
                <th key={bits} scope="col">
                  {t("look.at", { bits })}
                </th>
              ))}
              <th scope="col">{t("selection.range")}</th>
              <th scope="col">{t("selection.outliers")}</th>
              <th scope="col">{t("look.widest")}</th>
            </tr>
          </thead>
          <tbody>
            {look.layers.map((layer) => (
              <tr key={layer.name}>
                <th scope="row">
                  <Button look="quiet" onPress={() => go({ unit: null, layer: layer.name })}>
                    {shortName(layer.name)}
                  </Button>
                </th>
                {layer.sqnr.map((value, i) => (
                  <td key={LOOKED_AT[i]}>{value === null ? t("look.exact") : format.percent(100 * 10 ** (-value / 10), 2)}</td>
                ))}
                <td>{t("selection.rangeOf", { low: format.digits(layer.range[0]), high: format.digits(layer.range[1]) })}</td>
                <td>{layer.outliers.length === 0 ? "–" : t("selection.outliersOf", { count: layer.outliers.length, of: layer.channels })}</td>
                <td>{t("selection.times", { factor: format.digits(layer.widest) })}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
