/** The chosen runs over the depth of the network, and one unit's losses in each of them. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { DepthChart } from "../../charts/depth-chart";
import { LossChart } from "../../charts/loss-chart";
import type { LossSeries } from "../../charts/loss-layout";
import { curvesAt } from "../../charts/series";
import { runStyle } from "../../charts/series-style";
import { useFormat } from "../../i18n/format";
import type { KeptRun } from "../../runs/record";
import { Choice } from "../../ui/choice";
import styles from "./compare.module.css";
import { accuracyMeasure, depthSeries } from "./overlay-series";

export function Overlay({ chosen }: { readonly chosen: readonly KeptRun[] }): React.ReactNode {
  const { t } = useTranslation(["compare", "charts"]);
  const format = useFormat();
  const nearest = (name: string) => (chosen.length > 1 ? t("overlay.nearestOf", { name }) : t("overlay.nearest"));
  const measure = accuracyMeasure(chosen);
  const accuracy = depthSeries(chosen, measure, nearest);
  const noise = depthSeries(chosen, "noise", nearest);
  return (
    <div className={styles.charts}>
      {accuracy.length > 0 ? (
        <>
          <DepthChart
            title={t("overlay.accuracy")}
            axis={t(measure === "top1" ? "charts:axis.top1" : "charts:axis.agreement")}
            log={false}
            series={accuracy}
            value={(value) => format.percent(value)}
          />
          <DepthChart title={t("overlay.noise")} axis={t("charts:axis.noise")} log series={noise} value={(value) => format.digits(value)} />
        </>
      ) : (
        <p className={styles.dim}>{t("overlay.noSoFar")}</p>
      )}
      <UnitLosses chosen={chosen} />
    </div>
  );
}

function UnitLosses({ chosen }: { readonly chosen: readonly KeptRun[] }): React.ReactNode {
  const { t } = useTranslation("compare");
  const [wanted, setWanted] = useState("");
  const names = [...new Set(chosen.flatMap(({ curves }) => curves.filter(({ phase }) => phase === "weights").map(({ unit }) => unit)))];
  const unit = names.includes(wanted) ? wanted : names[0];
  if (unit === undefined) return <p className={styles.dim}>{t("overlay.noCurves")}</p>;
  const series: LossSeries[] = chosen.flatMap((run, i) =>
    curvesAt(run, unit, "weights").map((curve) => ({
      key: `${run.id} ${curve.unit}`,
      label: curve.unit === unit ? run.name : `${run.name}: ${curve.unit}`,
      style: runStyle(i),
      curve,
      pinned: false,
    })),
  );
  const without = chosen.filter((run) => curvesAt(run, unit, "weights").length === 0).map(({ name }) => name);
  return (
    <div>
      <LossChart
        title={t("overlay.loss")}
        field="reconstruction"
        series={series}
        iterations={Math.max(...series.map(({ curve }) => curve.iterations), 1)}
        hardening={null}
        strong={null}
        aside={<Choice label={t("overlay.unit")} value={unit} options={names.map((name) => [name, name] as const)} onChange={setWanted} />}
      />
      {without.length > 0 ? <p className={styles.dim}>{t("overlay.missing", { names: without.join("; ") })}</p> : null}
    </div>
  );
}
