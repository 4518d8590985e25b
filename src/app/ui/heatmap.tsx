/** A heatmap in the page: values on hover, a click on a row, and the drawing to take away as SVG, PNG or CSV. */
import { useMemo } from "react";
import { type HeatmapData, heatmapCsv, heatmapSvg } from "../../charts/heatmap";
import { fileName, SaveChart } from "../charts/save-chart";
import { Svg } from "./svg";

interface HeatmapProps extends HeatmapData {
  /** A click on a row. */
  onPick?(row: number): void;
}

export function Heatmap({ onPick, ...data }: HeatmapProps): React.ReactNode {
  const key = JSON.stringify(data);
  // The data is made anew at every event; the drawing only where it differs.
  const svg = useMemo(() => heatmapSvg(JSON.parse(key) as HeatmapData), [key]);
  return (
    <figure className="heatmap" aria-label={data.title}>
      <Svg markup={svg} {...(onPick ? { onRow: onPick } : {})} />
      <figcaption>
        <SaveChart title={data.title} name={fileName(data.title)} svg={() => svg} csv={() => heatmapCsv(data)} />
      </figcaption>
    </figure>
  );
}
