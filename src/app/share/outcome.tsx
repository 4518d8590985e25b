/** What became of a shared result when it was run again: reproduced bit for bit, within tolerance, or what differs, field by field. */
import { useTranslation } from "react-i18next";
import { ARITHMETIC_VERSION } from "../../session/share/arithmetic";
import { type Comparison, type Devices, type Difference, TOLERANCE } from "../../session/share/compare";
import { useFormat } from "../i18n/format";
import styles from "./shared-result.module.css";

export function Outcome({ comparison }: { readonly comparison: Comparison }): React.ReactNode {
  const { t } = useTranslation("share");
  const format = useFormat();
  if (comparison.kind === "reproduced")
    return (
      <p className={styles.good} role="status" data-outcome="reproduced">
        {t("outcome.reproduced")}
      </p>
    );
  if (comparison.kind === "within")
    return (
      <div className={styles.good} role="status" data-outcome="within">
        <p>{t("outcome.within", { points: TOLERANCE.points, loss: format.percent(100 * TOLERANCE.loss, 0) })}</p>
        <DeviceNames devices={comparison.devices} />
      </div>
    );
  const other = comparison.kind === "otherArithmetic";
  return (
    <div className={styles.otherwise} role="status" data-outcome={comparison.kind}>
      <p>{other ? t("outcome.otherArithmetic", { version: comparison.version, own: ARITHMETIC_VERSION }) : t("outcome.differs")}</p>
      <table>
        <thead>
          <tr>
            <td />
            <th scope="col">{t("outcome.expected")}</th>
            <th scope="col">{t("outcome.actual")}</th>
          </tr>
        </thead>
        <tbody>
          {comparison.differences.map((difference) => (
            <Row key={difference.what} difference={difference} />
          ))}
        </tbody>
      </table>
      {other ? null : <DeviceNames devices={comparison.devices} />}
    </div>
  );
}

function Row({ difference }: { readonly difference: Difference }): React.ReactNode {
  const { t } = useTranslation("share");
  const format = useFormat();
  const percent = (value: number | null) => (value === null ? t("outcome.none") : format.percent(value, 2));
  const cells = (): readonly [React.ReactNode, React.ReactNode] => {
    switch (difference.what) {
      case "top1":
      case "agreement":
        return [percent(difference.expected), percent(difference.actual)];
      case "units":
        return [format.count(difference.expected), format.count(difference.actual)];
      case "losses":
        return [
          t("outcome.lossesExpected", { number: difference.count, of: difference.of }),
          t("outcome.lossesActual", { most: format.percent(100 * difference.most) }),
        ];
      case "rounding":
        return [t("outcome.roundingExpected"), t("outcome.roundingActual")];
    }
  };
  const [expected, actual] = cells();
  return (
    <tr>
      <th scope="row">{t(`outcome.${difference.what}`)}</th>
      <td>{expected}</td>
      <td>{actual}</td>
    </tr>
  );
}

function DeviceNames({ devices: { expected, actual } }: { readonly devices: Devices }): React.ReactNode {
  const { t } = useTranslation("share");
  return <p>{t("outcome.devices", { expected: expected?.description ?? t("outcome.unknownDevice"), actual: actual.description })}</p>;
}
