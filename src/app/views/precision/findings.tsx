/** What was found under a limit beside what it is compared with, and its bits to take. */
import { Trans, useTranslation } from "react-i18next";
import type { LayerBits, SearchResult } from "../../../session/search/result";
import { useFormat } from "../../i18n/format";
import { rivalOf, widthCounts } from "../../precision/search";
import { usePlace } from "../../state/place";
import { useLab } from "../../state/react";
import { isBusy } from "../../state/view";
import { Button } from "../../ui/button";
import styles from "./precision.module.css";

/** The one sentence: what mixed precision is predicted to spare. */
export function Finding({ result }: { readonly result: SearchResult | null }): React.ReactNode {
  const { t } = useTranslation("precision");
  const format = useFormat();
  const sensitivity = useLab((lab) => lab.view.sensitivity);
  const busy = useLab((lab) => isBusy(lab.view.state));
  const measuring = busy && sensitivity !== null && sensitivity.done < sensitivity.total;
  const rival = result && rivalOf(result);
  const less = result && rival ? 100 * (1 - result.predictedLoss / rival.predictedLoss) : 0;
  const values = {
    ...{ done: sensitivity?.done ?? 0, total: sensitivity?.total ?? 0 },
    limit: !result
      ? ""
      : result.limit.unit === "MB"
        ? format.bytes(1e6 * result.limit.value)
        : `${format.digits(result.limit.value)} ${result.limit.unit}`,
    ...{ bits: rival?.bits ?? 0, less: format.percent(less, 0), loss: result ? format.digits(result.predictedLoss) : "" },
  };
  const key = measuring ? "measuring" : !result ? "idle" : !result.binding ? "loose" : !rival ? "alone" : less < 0.5 ? "same" : "less";
  return (
    <div className={styles.sentence}>
      <p className={styles.text} data-testid="finding" data-finding={key}>
        <Trans t={t} i18nKey={`finding.${key}`} values={values} components={{ m: <b className={styles.method} /> }} />
      </p>
      <p className={styles.sub}>{result && !measuring ? <Exactness result={result} /> : t("finding.sub")}</p>
    </div>
  );
}

function Exactness({ result: { optimum, predictedLoss, tooLarge, milliseconds } }: { readonly result: SearchResult }): React.ReactNode {
  const { t } = useTranslation("precision");
  const format = useFormat();
  const time = format.digits(milliseconds / 1000);
  if (!optimum) return t("exact.unknown", { reason: tooLarge ?? "", time });
  const above = 100 * (predictedLoss / optimum.predictedLoss - 1);
  return above < 0.05 ? t("exact.reached", { time }) : t("exact.above", { percent: format.percent(above), time });
}

interface FindingsProps {
  readonly results: readonly SearchResult[];
  readonly result: SearchResult;
  /** Whether the settings have changed since in what it depends on. */
  readonly isOutdated: boolean;
  onShow(index: number): void;
}

export function Findings({ results, result, isOutdated, onShow }: FindingsProps): React.ReactNode {
  const { t } = useTranslation("precision");
  const format = useFormat();
  const weights = useLab((lab) => lab.recipe.weights);
  const busy = useLab((lab) => isBusy(lab.view.state));
  const take = useLab((lab) => lab.take);
  const run = useLab((lab) => lab.run);
  const go = usePlace((place) => place.go);
  const { limit, optimum, greedy, hawq, assignment } = result;
  const rows: readonly (readonly [name: string, found: { readonly cost: number; readonly predictedLoss: number } | null, strong: boolean])[] = [
    ...result.uniform.map((one) => [t("compared.uniform", { bits: one.bits }), one, false] as const),
    [t("compared.found"), result, true],
    [t("compared.optimum"), optimum, false],
    [t("compared.greedy"), greedy, false],
    [t("compared.hawq"), hawq, false],
  ];
  const isTaken = (bits: readonly LayerBits[]) => bits.every(({ layer, bits: own }) => own > 8 || weights.assignment?.[layer] === own);
  const quantizeWith = (bits: readonly LayerBits[]) => {
    take(bits);
    go({ view: "quantize" });
    run();
  };
  return (
    <div className={styles.findings} data-testid="findings">
      {results.length > 1 ? (
        <ul className={styles.limits} aria-label={t("compared.limits")}>
          {results.map((one, i) => (
            <li key={one.limit.text}>
              <Button look={one === result ? "primary" : "plain"} aria-pressed={one === result} onPress={() => onShow(i)}>
                {one.limit.text}
              </Button>
            </li>
          ))}
        </ul>
      ) : null}
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{limit.text}</th>
            <th scope="col">{limit.unit}</th>
            <th scope="col">{t("compared.loss")}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, found, strong]) =>
            found ? (
              <tr key={name} className={strong ? styles.strong : found.cost > limit.value * (1 + 1e-9) ? styles.over : ""}>
                <th scope="row">{name}</th>
                <td>{format.digits(found.cost)}</td>
                <td>{format.digits(found.predictedLoss)}</td>
              </tr>
            ) : null,
          )}
        </tbody>
      </table>
      <p className={styles.said}>
        {widthCounts(assignment)
          .map(([bits, count]) => (bits > 8 ? t("counts.float", { count }) : t("counts.bits", { bits, count })))
          .join(", ")}
      </p>
      {isOutdated ? <p className={styles.problem}>{t("outdated")}</p> : null}
      <div className={styles.deeds}>
        <Button look="primary" isDisabled={busy} onPress={() => quantizeWith(assignment)}>
          {t("take.run")}
        </Button>
        <Button isDisabled={busy || isTaken(assignment)} onPress={() => take(assignment)} data-testid="take">
          {isTaken(assignment) ? t("take.taken") : t("take.bits")}
        </Button>
        {optimum && optimum.predictedLoss < result.predictedLoss * 0.9995 ? (
          <Button look="quiet" isDisabled={busy} onPress={() => take(optimum.assignment)}>
            {t("take.optimum")}
          </Button>
        ) : null}
        {weights.assignment ? (
          <Button look="quiet" isDisabled={busy} onPress={() => take(null)}>
            {t("take.back", { bits: weights.bits })}
          </Button>
        ) : null}
      </div>
    </div>
  );
}
