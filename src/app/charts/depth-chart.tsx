/** Runs over the depth of the network: what each is at after every unit. */
import Papa from "papaparse";
import { useTranslation } from "react-i18next";
import { useFormat } from "../i18n/format";
import { ChartFigure, type ChartFrame, type Drawn } from "./chart-figure";
import { ChartFile } from "./chart-file";
import { type DepthSeries, layOutDepth, pointAt } from "./depth-layout";
import { DepthPicture } from "./depth-picture";

export interface DepthChartProps {
  readonly title: string;
  /** What stands at the axis of values. */
  readonly axis: string;
  readonly log: boolean;
  readonly series: readonly DepthSeries[];
  readonly note?: React.ReactNode;
  value(value: number): string;
}

/** Of the drawing in a file. */
const FILE = { width: 760, height: 320, text: 13 } as const;

export function DepthChart({ title, axis, log, series, note, value }: DepthChartProps): React.ReactNode {
  const { t } = useTranslation("charts");
  const format = useFormat();
  const places = [...new Set(series.flatMap(({ points }) => points.map(({ depth }) => depth)))].sort((a, b) => a - b);
  const names = { x: t("axis.depth"), y: axis };
  const nearest = (depth: number) => places.reduce((best, one) => (Math.abs(one - depth) < Math.abs(best - depth) ? one : best), places[0] ?? 1);
  const draw = ({ cursor, ...frame }: ChartFrame): Drawn => {
    const layout = layOutDepth(series, { ...frame, log });
    const { plot } = layout;
    return {
      picture: <DepthPicture layout={layout} series={series} {...frame} axis={names} cursor={cursor} />,
      range: [0, 1],
      placeAt: (x) => nearest((x - plot.left) / (plot.right - plot.left)),
      step: (place, by) => {
        const at = place === null ? -1 : places.indexOf(place);
        return places[Math.min(places.length - 1, Math.max(0, at + by))] ?? 1;
      },
    };
  };
  const say = (cursor: number | null) => {
    if (cursor === null) return t("atEnd");
    const at = new Set(series.flatMap(({ points }) => points.filter(({ depth }) => depth === cursor).map(({ name }) => name)));
    return at.size === 1 ? t("atUnit", { unit: [...at][0] }) : t("atDepth", { share: format.percent(100 * cursor, 0) });
  };
  return (
    <ChartFigure
      title={title}
      note={note}
      lines={18}
      marked
      draw={draw}
      legend={(cursor) =>
        series.map(({ key, label, style, points }) => {
          const at = pointAt({ points }, cursor ?? 1);
          return { key, label, style, value: at ? value(at.value) : "–" };
        })
      }
      say={say}
      file={() => (
        <ChartFile title={title} {...FILE} legend={series} marked>
          <DepthPicture layout={layOutDepth(series, { ...FILE, log })} series={series} {...FILE} axis={names} cursor={null} />
        </ChartFile>
      )}
      csv={() => depthCsv(series)}
    />
  );
}

export function depthCsv(series: readonly Pick<DepthSeries, "label" | "points">[]): string {
  const rows = series.flatMap(({ label, points }) => points.map(({ depth, name, value }) => [label, name, depth, value]));
  return `${Papa.unparse([["series", "unit", "depth", "value"], ...rows], { newline: "\n" })}\n`;
}
