/** The losses of all units over the iterations, with those of earlier runs beside them where they are pinned. */
import Papa from "papaparse";
import { useTranslation } from "react-i18next";
import { useFormat } from "../i18n/format";
import { ChartFigure, type ChartFrame, type Drawn } from "./chart-figure";
import { ChartFile } from "./chart-file";
import { type LossSeries, layOutLosses } from "./loss-layout";
import { LossPicture } from "./loss-picture";
import { iterationAt, runAt } from "./reduce";

export interface LossChartProps {
  readonly title: string;
  readonly field: "reconstruction" | "regularizer";
  readonly series: readonly LossSeries[];
  /** Iterations that a unit is trained for. */
  readonly iterations: number;
  /** The iteration from which on roundings are hardened; null where none are. */
  readonly hardening: number | null;
  readonly strong: string | null;
  readonly aside?: React.ReactNode;
  onPick?(key: string): void;
}

/** Of the drawing in a file. */
const FILE = { width: 760, height: 360, text: 13 } as const;

export function LossChart({ title, field, series, iterations, hardening, strong, aside, onPick }: LossChartProps): React.ReactNode {
  const { t } = useTranslation("charts");
  const format = useFormat();
  const shown = series.filter(({ curve }) => curve.iterations > 0);
  const axis = { x: t("axis.iteration"), y: t(`axis.${field}`) };
  const mark = hardening === null ? null : { at: hardening, text: t("hardening") };
  const draw = ({ cursor, ...frame }: ChartFrame): Drawn => {
    const layout = layOutLosses(shown, { ...frame, iterations });
    const { plot, domain } = layout;
    const inside = (place: number) => Math.min(domain.x[1], Math.max(1, Math.round(place)));
    return {
      picture: <LossPicture layout={layout} series={shown} {...frame} axis={axis} hardening={mark} strong={strong} cursor={cursor} />,
      placeAt: (x) => inside(1 + ((x - plot.left) / (plot.right - plot.left)) * (domain.x[1] - 1)),
      range: domain.x,
      // A hundred steps from end to end.
      step: (place, by) => inside((place ?? 1) + by * Math.max(1, domain.x[1] / 100)),
    };
  };
  return (
    <ChartFigure
      title={title}
      aside={aside}
      note={t(shown.some(({ curve }) => curve.every > 1) ? "means" : "exact")}
      draw={draw}
      legend={(cursor) =>
        shown.map(({ key, label, style, curve }) => {
          const value = cursor !== null && cursor > curve.iterations ? null : curve.mean[runAt(curve, cursor ?? curve.iterations)];
          return { key, label, style, value: value === null || value === undefined ? "–" : format.digits(value) };
        })
      }
      say={(cursor) => (cursor === null ? t("latest") : t("atIteration", { iteration: format.count(cursor) }))}
      strong={strong}
      {...(onPick ? { onPick } : {})}
      file={() => (
        <ChartFile title={title} {...FILE} legend={shown} marked={false}>
          <LossPicture
            layout={layOutLosses(shown, { ...FILE, iterations })}
            series={shown}
            {...FILE}
            axis={axis}
            hardening={mark}
            strong={strong}
            cursor={null}
          />
        </ChartFile>
      )}
      csv={() => lossCsv(shown)}
    />
  );
}

/** A row for each point that is drawn: series, iteration in the middle of its run, mean, least and greatest loss. */
export function lossCsv(series: readonly Pick<LossSeries, "label" | "curve">[]): string {
  const rows = series.flatMap(({ label, curve }) =>
    Array.from({ length: curve.mean.length }, (_, run) => [label, iterationAt(curve, run), curve.mean[run], curve.low[run], curve.high[run]]),
  );
  return `${Papa.unparse([["series", "iteration", "mean", "least", "greatest"], ...rows], { newline: "\n" })}\n`;
}
