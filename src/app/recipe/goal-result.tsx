/** What came of a goal: its verdict, the download, and all that was tried, as it comes in. */
import { useTranslation } from "react-i18next";
import type { FitState, TriedCandidate } from "../../session/fit/state";
import { useFormat } from "../i18n/format";
import { usePlace } from "../state/place";
import { useLab } from "../state/react";
import { isBusy } from "../state/view";
import { Button } from "../ui/button";
import styles from "./goal.module.css";
import { useFitWords } from "./use-fit-verdict";

export function GoalResult(): React.ReactNode {
  const { t } = useTranslation("goal");
  const fit = useLab((lab) => lab.view.fit);
  const report = useLab((lab) => lab.view.report);
  const busy = useLab((lab) => isBusy(lab.view.state));
  const write = useLab((lab) => lab.export);
  const go = usePlace((place) => place.go);
  const words = useFitWords();
  if (!fit) return null;
  const { verdict, stage } = fit;
  const best = fit.best === null ? undefined : fit.tried[fit.best];
  // The result may have given way to another run's since.
  const isHeld = report !== null && best?.measured?.rounding === report.fingerprint.rounding;
  return (
    <div className={styles.result} data-testid="goal-result" data-stage={stage}>
      {verdict ? (
        <p className={verdict.kind === "met" ? styles.met : styles.missed} role="status">
          {stage === "cancelled" ? `${t("stage.cancelled")}. ` : ""}
          {words.sentence(verdict)}
        </p>
      ) : busy ? (
        <p className={styles.note}>{t(`stage.${stage}`)}</p>
      ) : null}
      {verdict && isHeld ? (
        <div className={styles.deeds}>
          <Button isDisabled={busy} onPress={() => write("onnx", "int8")}>
            {t("download")}
          </Button>
          <Button look="quiet" onPress={() => go({ view: "precision" })}>
            {t("precision")}
          </Button>
        </div>
      ) : null}
      {fit.tried.length > 0 ? <Tried fit={fit} /> : null}
    </div>
  );
}

function Tried({ fit }: { readonly fit: FitState }): React.ReactNode {
  const { t } = useTranslation("goal");
  const measured = fit.measure === "agreement" ? t("tried.changed") : t("tried.lost");
  return (
    <table className={styles.tried}>
      <caption>{t("tried.title")}</caption>
      <thead>
        <tr>
          <th scope="col">{t("tried.candidate")}</th>
          <th scope="col">{t("tried.bytes")}</th>
          <th scope="col">{measured}</th>
          <th scope="col">{t("tried.byRounding")}</th>
        </tr>
      </thead>
      <tbody>
        {fit.tried.map((candidate, i) => (
          <Row key={`${candidate.kind} ${candidate.size}`} candidate={candidate} isBest={i === fit.best} isCurrent={i === fit.current} />
        ))}
      </tbody>
    </table>
  );
}

interface RowProps {
  readonly candidate: TriedCandidate;
  readonly isBest: boolean;
  readonly isCurrent: boolean;
}

function Row({ candidate, isBest, isCurrent }: RowProps): React.ReactNode {
  const { t } = useTranslation("goal");
  const format = useFormat();
  const busy = useLab((lab) => isBusy(lab.view.state));
  const take = useLab((lab) => lab.takeCandidate);
  const { kind, bits, size, measured } = candidate;
  const name = kind === "mixed" ? t("tried.mixed") : t("tried.uniform", { bits });
  const points = (value: number) => format.points(value).replace("+", "");
  return (
    <tr className={isBest ? styles.best : measured ? "" : styles.idle}>
      <th scope="row">
        <Button look="quiet" isDisabled={busy} aria-label={`${t("tried.take")}: ${name}, ${format.bytes(size)}`} onPress={() => take(candidate)}>
          {name}
        </Button>
        {isBest ? <small>{t("tried.best")}</small> : isCurrent ? <small>{t("tried.now")}</small> : null}
      </th>
      <td>{format.bytes(size)}</td>
      <td>{measured ? points(measured.lost.quantized) : isCurrent ? "…" : "–"}</td>
      <td>{measured ? points(measured.lost.nearest) : "–"}</td>
    </tr>
  );
}
