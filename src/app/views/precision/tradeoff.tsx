/** Two costs and predicted loss: assignments that none beats in all three; the second cost is the size of the marks. A point can be taken. */
import Papa from "papaparse";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { TradeoffResult } from "../../../session/search/result";
import { ChartFile } from "../../charts/chart-file";
import { markupOf } from "../../charts/markup";
import { Axes, type PlotSize } from "../../charts/plot-axes";
import { fileName, SaveChart } from "../../charts/save-chart";
import { useRoom } from "../../charts/use-room";
import { useFormat } from "../../i18n/format";
import { costKey } from "../../precision/search";
import { useLab } from "../../state/react";
import { isBusy } from "../../state/view";
import { Button } from "../../ui/button";
import { Slider } from "../../ui/slider";
import { plotLayout } from "./plot";
import styles from "./precision.module.css";

/** Radii of the marks, from the least to the greatest second cost. */
const [LEAST, MOST] = [2.5, 8];

export function Tradeoff({ tradeoff }: { readonly tradeoff: TradeoffResult }): React.ReactNode {
  const { t } = useTranslation("precision");
  const format = useFormat();
  const take = useLab((lab) => lab.take);
  const busy = useLab((lab) => isBusy(lab.view.state));
  const [box, { width, text }] = useRoom<HTMLDivElement>();
  const [chosen, setChosen] = useState(0);
  const [first, second] = tradeoff.costs;
  if (!first || !second) return null;
  // Along the axis, so that the slider walks it from left to right.
  const points = [...tradeoff.points].sort((a, b) => (a.costs[0] as number) - (b.costs[0] as number));
  const others = points.map(({ costs }) => costs[1] as number);
  const [low, high] = [Math.min(...others), Math.max(...others)];
  const radius = (other: number) => LEAST + ((other - low) / (high - low || 1)) * (MOST - LEAST);
  const nameOf = (cost: string) => t(costKey(cost));
  const title = t("tradeoff.title", { first: nameOf(first.cost), second: nameOf(second.cost) });
  const point = points[Math.min(chosen, points.length - 1)];
  const words = (one: (typeof points)[number]) =>
    t("tradeoff.says", {
      first: `${format.digits(one.costs[0] as number)} ${first.unit}`,
      second: `${format.digits(one.costs[1] as number)} ${second.unit}`,
      loss: format.digits(one.predictedLoss),
    });
  const picture = (size: PlotSize, selected: boolean) => {
    const layout = plotLayout(
      size,
      points.map(({ costs }) => costs[0] as number),
      points.map(({ predictedLoss }) => predictedLoss),
      true,
    );
    return (
      <>
        <Axes layout={layout} size={size} titles={{ x: `${nameOf(first.cost)}, ${first.unit}`, y: t("front.loss") }} />
        {points.map((one, i) => (
          // biome-ignore lint/a11y/noStaticElementInteractions: the slider below reaches every point
          <circle
            key={`${one.costs.join(" ")} ${one.predictedLoss}`}
            cx={layout.x(one.costs[0] as number)}
            cy={layout.y(one.predictedLoss)}
            r={radius(one.costs[1] as number)}
            fill="var(--method)"
            fillOpacity={0.35}
            stroke={selected && i === chosen ? "var(--nearest)" : "var(--method)"}
            strokeWidth={selected && i === chosen ? 3 : 1}
            onClick={() => setChosen(i)}
          >
            <title>{words(one)}</title>
          </circle>
        ))}
      </>
    );
  };
  const size = { width, height: Math.round(Math.min(22 * text, Math.max(14 * text, 0.6 * width))), text };
  return (
    <figure className={styles.figure} data-testid="tradeoff">
      <figcaption>
        <h4>{title}</h4>
        <span className={styles.scale}>
          <svg width={12} height={20} aria-hidden>
            <circle cx={6} cy={10} r={LEAST} fill="var(--method)" />
          </svg>
          {format.digits(low)}
          <svg width={18} height={20} aria-hidden>
            <circle cx={9} cy={10} r={MOST} fill="var(--method)" />
          </svg>
          {format.digits(high)} {second.unit}
        </span>
      </figcaption>
      <div ref={box} className={styles.box} style={{ minHeight: size.height }}>
        {width > 0 ? (
          <svg width={width} height={size.height} aria-label={title}>
            {picture(size, true)}
          </svg>
        ) : null}
      </div>
      <Slider
        label={t("tradeoff.point")}
        value={chosen}
        min={0}
        max={Math.max(1, points.length - 1)}
        output={point ? words(point) : ""}
        onChange={setChosen}
      />
      <div className={styles.deeds}>
        <Button isDisabled={busy || !point} onPress={() => point && take(point.assignment)}>
          {t("take.bits")}
        </Button>
        <SaveChart
          title={title}
          name={fileName(title)}
          svg={() => {
            const own = { width: 640, height: 380, text: 13 };
            return markupOf(
              <ChartFile title={title} {...own} marked={false} legend={[]}>
                {picture(own, false)}
              </ChartFile>,
            );
          }}
          csv={() =>
            Papa.unparse(
              [
                [`${first.cost}, ${first.unit}`, `${second.cost}, ${second.unit}`, "predicted loss"],
                ...points.map(({ costs, predictedLoss }) => [...costs, predictedLoss]),
              ],
              { newline: "\n" },
            )
          }
        />
      </div>
      <p className={styles.said}>{t("tradeoff.origin", { origin: second.origin })}</p>
    </figure>
  );
}
