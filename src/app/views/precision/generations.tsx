/** The genetic search as it went: the best and the mean predicted loss of its population by generation. */
import Papa from "papaparse";
import { useTranslation } from "react-i18next";
import type { SearchResult } from "../../../session/search/result";
import { ChartFigure, type Drawn } from "../../charts/chart-figure";
import { ChartFile } from "../../charts/chart-file";
import { Axes, type PlotSize } from "../../charts/plot-axes";
import type { SeriesStyle } from "../../charts/series-style";
import { useFormat } from "../../i18n/format";
import { plotLayout } from "./plot";

const STYLES: Readonly<Record<"best" | "mean", SeriesStyle>> = {
  best: { colour: "var(--method)", dash: "none", marker: "circle" },
  mean: { colour: "var(--run-4)", dash: "6 3", marker: "circle" },
};

export function Generations({ result }: { readonly result: SearchResult }): React.ReactNode {
  const { t } = useTranslation("precision");
  const format = useFormat();
  const { history } = result;
  const last = history.length - 1;
  const titles = { x: t("generations.generation"), y: t("front.loss") };
  const title = t("generations.title");
  const draw = (size: PlotSize, cursor: number | null): Drawn => {
    const layout = plotLayout(
      size,
      history.map((_, i) => i),
      history.flatMap(({ best, mean }) => [best, mean]),
      true,
    );
    const line = (of: "best" | "mean") =>
      history.map((one, i) => `${i === 0 ? "M" : "L"}${layout.x(i).toFixed(1)} ${layout.y(one[of]).toFixed(1)}`).join("");
    return {
      picture: (
        <>
          <Axes layout={layout} size={size} titles={titles} />
          {(["mean", "best"] as const).map((of) => (
            <path key={of} d={line(of)} fill="none" stroke={STYLES[of].colour} strokeWidth="2" strokeDasharray={STYLES[of].dash} />
          ))}
          {cursor === null ? null : <path d={`M${layout.x(cursor)} ${layout.top}V${layout.bottom}`} stroke="var(--ink)" strokeOpacity={0.6} />}
        </>
      ),
      placeAt: (x) => Math.round(layout.xAt(x)),
      range: [0, last],
      step: (place, by) => Math.min(last, Math.max(0, (place ?? last) + by)),
    };
  };
  const legend = (cursor: number | null) =>
    (["best", "mean"] as const).map((of) => ({
      ...{ key: of, label: t(`generations.${of}`), style: STYLES[of] },
      value: format.digits(history[cursor ?? last]?.[of] ?? 0),
    }));
  const size = { width: 640, height: 340, text: 13 };
  return (
    <ChartFigure
      title={title}
      note={t("generations.note")}
      draw={({ cursor, ...own }) => draw(own, cursor)}
      legend={legend}
      say={(cursor) => t("generations.at", { generation: cursor ?? last })}
      file={() => (
        <ChartFile title={title} {...size} marked={false} legend={legend(null)}>
          {draw(size, null).picture}
        </ChartFile>
      )}
      csv={() => Papa.unparse([["generation", "best", "mean"], ...history.map(({ best, mean }, i) => [i, best, mean])], { newline: "\n" })}
    />
  );
}
