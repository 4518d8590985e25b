/** Measured accuracy against cost: what was found beside uniform widths, as the runs come in. */
import { CartesianGrid, Legend, Line, LineChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import { meanText, type ResultRow } from "../../session/experiments/results";
import type { Sweep, SweepKind } from "../../session/experiments/sweep";

const LINES: readonly (readonly [SweepKind, string, string])[] = [
  ["uniform", "uniform", "#d55e00"],
  ["mixed", "mixed precision", "#0072b2"],
  ["hawq", "HAWQ-V2's choice", "#009e73"],
];

export function SweepChart({ sweep, rows }: { readonly sweep: Sweep; readonly rows: readonly ResultRow[] }): React.ReactNode {
  const pointsOf = (kind: SweepKind) =>
    sweep.points
      .flatMap((point) => {
        const row = rows.find(({ label }) => label === point.row);
        if (point.kind !== kind || point.cost === null || !row || row.seeds.length === 0) return [];
        return [{ cost: point.cost, accuracy: (row.top1 ?? row.agreement).mean, label: `${point.label}: ${meanText(row.top1 ?? row.agreement)} %` }];
      })
      .sort((a, b) => a.cost - b.cost);
  const lines = LINES.map(([kind, name, colour]) => ({ kind, name, colour, points: pointsOf(kind) })).filter(({ points }) => points.length > 0);
  if (lines.length === 0) return null;
  const count = lines.reduce((sum, { points }) => sum + points.length, 0);
  return (
    <figure className="chart" data-testid="sweep" data-points={count} aria-label={`Accuracy against ${sweep.cost.name}, ${count} points`}>
      <figcaption>
        Accuracy, %, against {sweep.cost.name}, {sweep.cost.unit}; mean over seeds
      </figcaption>
      <ResponsiveContainer width="100%" height={280}>
        <LineChart margin={{ top: 8, right: 12, bottom: 4, left: 4 }}>
          <CartesianGrid stroke="var(--line)" />
          <XAxis
            dataKey="cost"
            type="number"
            domain={["auto", "auto"]}
            tickFormatter={(value) => Number(value).toPrecision(3)}
            tick={{ fontSize: 12 }}
            allowDuplicatedCategory={false}
          />
          <YAxis domain={["auto", "auto"]} tickFormatter={(value) => Number(value).toFixed(1)} tick={{ fontSize: 12 }} width={60} />
          <Tooltip
            isAnimationActive={false}
            formatter={(value, _name, { payload }) => (payload as { label?: string } | undefined)?.label ?? Number(value).toFixed(2)}
            labelFormatter={(cost) => `${Number(cost).toPrecision(4)} ${sweep.cost.unit}`}
          />
          <Legend />
          {lines.map(({ kind, name, colour, points }) => (
            <Line key={kind} data={points} dataKey="accuracy" name={name} stroke={colour} isAnimationActive={false} />
          ))}
        </LineChart>
      </ResponsiveContainer>
    </figure>
  );
}
