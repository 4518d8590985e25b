/** Measured accuracy against cost, as the runs come in: the chart that the command line writes too. */
import { sweepChart } from "../../charts/sweep";
import type { ResultRow } from "../../session/experiments/results";
import type { Sweep } from "../../session/experiments/sweep";
import { Svg } from "../ui/svg";

export function SweepChart({ sweep, rows }: { readonly sweep: Sweep; readonly rows: readonly ResultRow[] }): React.ReactNode {
  const chart = sweepChart(sweep, rows);
  if (!chart) return null;
  return (
    <figure
      className="chart"
      data-testid="sweep"
      data-points={chart.points}
      aria-label={`Accuracy against ${sweep.cost.name}, ${chart.points} points`}
    >
      <Svg markup={chart.svg} />
    </figure>
  );
}
