/** Everything that was found and every uniform width, reconstructed and measured: accuracy against cost, as the runs come in. */
import Papa from "papaparse";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Mean } from "../../../session/experiments/results";
import type { SweepKind } from "../../../session/experiments/sweep";
import { ChartFile } from "../../charts/chart-file";
import { MarkerShape } from "../../charts/marker";
import { markupOf } from "../../charts/markup";
import { Axes, type PlotSize } from "../../charts/plot-axes";
import { fileName, SaveChart } from "../../charts/save-chart";
import type { SeriesStyle } from "../../charts/series-style";
import { useRoom } from "../../charts/use-room";
import { useFormat } from "../../i18n/format";
import { costKey } from "../../precision/search";
import { useLab } from "../../state/react";
import { isBusy } from "../../state/view";
import { Button } from "../../ui/button";
import { NumberField } from "../../ui/number-field";
import { plotLayout } from "./plot";
import styles from "./precision.module.css";

const MOST_SEEDS = 10;

const STYLES: Readonly<Record<SweepKind, SeriesStyle>> = {
  uniform: { colour: "var(--nearest)", dash: "none", marker: "square" },
  mixed: { colour: "var(--method)", dash: "none", marker: "diamond" },
  hawq: { colour: "var(--run-1)", dash: "6 3", marker: "triangle" },
  random: { colour: "var(--full)", dash: "2 3", marker: "circle" },
};

interface Dot {
  readonly kind: SweepKind;
  readonly label: string;
  readonly cost: number;
  readonly accuracy: Mean;
}

export function SweepPart(): React.ReactNode {
  const { t } = useTranslation("precision");
  const busy = useLab((lab) => isBusy(lab.view.state));
  const begin = useLab((lab) => lab.beginSweep);
  const [seeds, setSeeds] = useState(1);
  const [hawq, setHawq] = useState(false);
  return (
    <>
      <p className={styles.said}>{t("sweep.about")}</p>
      <div className={styles.fields}>
        <NumberField
          label={t("sweep.seeds")}
          value={seeds}
          isDisabled={busy}
          inputMode="numeric"
          format={String}
          parse={(text) => {
            const value = Number(text);
            return Number.isInteger(value) && value >= 1 && value <= MOST_SEEDS
              ? { value }
              : { error: t("fields.range", { low: 1, high: MOST_SEEDS }) };
          }}
          onChange={setSeeds}
        />
        <label className={styles.check}>
          <input type="checkbox" checked={hawq} disabled={busy} onChange={(event) => setHawq(event.target.checked)} /> {t("sweep.hawq")}
        </label>
      </div>
      <div className={styles.deeds}>
        <Button isDisabled={busy} onPress={() => begin(seeds, hawq)}>
          {t("sweep.begin")}
        </Button>
      </div>
      <SweepPlot />
    </>
  );
}

function SweepPlot(): React.ReactNode {
  const { t } = useTranslation("precision");
  const format = useFormat();
  const sweep = useLab((lab) => lab.sweep);
  const rows = useLab((lab) => lab.view.queue?.results);
  const [box, { width, text }] = useRoom<HTMLDivElement>();
  const done = rows?.filter(({ seeds }) => seeds.length > 0) ?? [];
  const isLabelled = done.every(({ top1 }) => top1 !== null);
  const dots = (sweep?.points ?? []).flatMap(({ label, row: own, kind, cost }): Dot[] => {
    const row = done.find((one) => one.label === own);
    return row && cost !== null ? [{ label, kind, cost, accuracy: isLabelled && row.top1 ? row.top1 : row.agreement }] : [];
  });
  if (!sweep || dots.length === 0) return <div ref={box} />;
  const kinds = (["uniform", "mixed", "hawq"] as const).filter((kind) => dots.some((dot) => dot.kind === kind));
  const title = t("sweep.title");
  const titles = {
    x: `${t(costKey(sweep.cost.name))}, ${sweep.cost.unit}`,
    y: isLabelled ? t("sweep.top1") : t("sweep.agreement"),
  };
  const words = ({ label, cost, accuracy }: Dot) => `${label}: ${format.digits(cost)} ${sweep.cost.unit}, ${format.percent(accuracy.mean, 2)}`;
  const picture = (size: PlotSize) => {
    const reach = dots.flatMap(({ accuracy: { mean, spread } }) => [mean - (spread ?? 0), mean + (spread ?? 0)]);
    const layout = plotLayout(
      size,
      dots.map(({ cost }) => cost),
      reach,
      false,
    );
    return (
      <>
        <Axes layout={layout} size={size} titles={titles} />
        {kinds.map((kind) => {
          const own = dots.filter((dot) => dot.kind === kind).sort((a, b) => a.cost - b.cost);
          const line = own
            .map((dot, i) => `${i === 0 ? "M" : "L"}${layout.x(dot.cost).toFixed(1)} ${layout.y(dot.accuracy.mean).toFixed(1)}`)
            .join("");
          return (
            <g key={kind}>
              <path d={line} fill="none" stroke={STYLES[kind].colour} strokeWidth="2" strokeDasharray={STYLES[kind].dash} />
              {own.map((dot) => (
                <g key={dot.label}>
                  <title>{words(dot)}</title>
                  {dot.accuracy.spread ? (
                    <path
                      d={`M${layout.x(dot.cost)} ${layout.y(dot.accuracy.mean - dot.accuracy.spread)}V${layout.y(dot.accuracy.mean + dot.accuracy.spread)}`}
                      stroke={STYLES[kind].colour}
                    />
                  ) : null}
                  <MarkerShape
                    marker={STYLES[kind].marker}
                    x={layout.x(dot.cost)}
                    y={layout.y(dot.accuracy.mean)}
                    size={5}
                    colour={STYLES[kind].colour}
                  />
                </g>
              ))}
            </g>
          );
        })}
      </>
    );
  };
  const legend = kinds.map((kind) => ({ key: kind, label: t(kind === "hawq" ? "sweep.hawqChoice" : `sweep.${kind}`), style: STYLES[kind] }));
  const size = { width, height: Math.round(Math.min(22 * text, Math.max(14 * text, 0.6 * width))), text };
  return (
    <figure className={styles.figure} data-testid="sweep" data-points={dots.length}>
      <figcaption>
        <h4>{title}</h4>
        <ul className={styles.legend}>
          {legend.map(({ key, label, style }) => (
            <li key={key}>
              <svg width={14} height={12} aria-hidden>
                <MarkerShape marker={style.marker} x={7} y={6} size={4.5} colour={style.colour} />
              </svg>
              {label}
            </li>
          ))}
        </ul>
      </figcaption>
      <div ref={box} className={styles.box} style={{ minHeight: size.height }}>
        {width > 0 ? (
          <svg width={width} height={size.height} role="img" aria-label={`${title}: ${dots.map(words).join("; ")}`}>
            {picture(size)}
          </svg>
        ) : null}
      </div>
      <SaveChart
        title={title}
        name={fileName(title)}
        svg={() => {
          const own = { width: 640, height: 380, text: 13 };
          return markupOf(
            <ChartFile title={title} {...own} marked legend={legend}>
              {picture(own)}
            </ChartFile>,
          );
        }}
        csv={() =>
          Papa.unparse(
            [
              ["run", "kind", `cost, ${sweep.cost.unit}`, titles.y, "spread"],
              ...dots.map(({ label, kind, cost, accuracy }) => [label, kind, cost, accuracy.mean, accuracy.spread ?? ""]),
            ],
            { newline: "\n" },
          )
        }
      />
    </figure>
  );
}
