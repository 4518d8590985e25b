/** Every unit with its noise at nearest rounding and rebuilt, both hard, by which factor it fell, and how the roundings settled. */
import { useTranslation } from "react-i18next";
import { FLOAT_BITS } from "../../../session/network/view";
import { baseName } from "../../../session/run/report";
import { useFormat } from "../../i18n/format";
import { usePlace } from "../../state/place";
import { useLab } from "../../state/react";
import { Button } from "../../ui/button";
import styles from "../../ui/table.module.css";

export function UnitTable(): React.ReactNode {
  const { t } = useTranslation("quantize");
  const format = useFormat();
  const units = useLab((lab) => lab.view.units);
  const current = useLab((lab) => lab.view.current);
  const soFar = useLab((lab) => lab.view.soFar);
  const diagnosis = useLab((lab) => lab.view.diagnosis);
  const go = usePlace((place) => place.go);
  const noise = (name: string, method: "nearest" | "quantized") => soFar.findLast((one) => one.name === name && one.method === method)?.noise;
  const judged = diagnosis.some(({ only }) => only !== null);
  const percent = (value: number | null | undefined) => (value === null || value === undefined ? "–" : format.percent(value));
  return (
    <div className={styles.scroll}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{t("table.unit")}</th>
            <th scope="col">{t("table.bits")}</th>
            <th scope="col">{t("table.noiseNearest")}</th>
            <th scope="col">{t("table.noiseMethod")}</th>
            <th scope="col">{t("table.factor")}</th>
            <th scope="col">{t("table.settled")}</th>
            <th scope="col">{t("table.seconds")}</th>
            {judged ? (
              <>
                <th scope="col">{t("table.only")}</th>
                <th scope="col">{t("table.without")}</th>
              </>
            ) : null}
          </tr>
        </thead>
        <tbody>
          {units.map(({ name, report }, index) => {
            const weights = report?.phase !== "activations";
            const [before, after] = weights ? [noise(name, "nearest"), noise(name, "quantized")] : [undefined, undefined];
            const one = diagnosis.find((unit) => unit.name === name);
            return (
              <tr key={name} className={index === current ? styles.current : ""}>
                <th scope="row">
                  <Button look="quiet" onPress={() => go({ unit: baseName(name), layer: null })}>
                    {weights ? name : t("table.activations", { unit: baseName(name) })}
                  </Button>
                </th>
                <td>{report ? [...new Set(report.bits)].map((bits) => (bits === FLOAT_BITS ? t("axis.float") : bits)).join(", ") : ""}</td>
                <td className={styles.nearest}>{before === undefined ? "" : format.digits(before)}</td>
                <td className={styles.method}>{after === undefined ? "" : format.digits(after)}</td>
                <td>
                  {before !== undefined && after !== undefined && after > 0 ? t("selection.times", { factor: format.digits(before / after) }) : ""}
                </td>
                <td>{report && weights ? format.percent(100 * report.settled) : ""}</td>
                <td>{report ? (report.reused ? t("selection.reused") : format.digits(report.seconds)) : ""}</td>
                {judged ? (
                  <>
                    <td>{percent(one?.only?.top1 ?? one?.only?.agreement)}</td>
                    <td>{percent(one?.without?.top1 ?? one?.without?.agreement)}</td>
                  </>
                ) : null}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
