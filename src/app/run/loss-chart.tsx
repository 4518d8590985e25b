/** Curves over iterations, one line a unit, on a logarithmic axis. */
import { memo } from "react";
import { CartesianGrid, Line, LineChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import type { LossPoint } from "../../session/worker/events";
import type { UnitProgress } from "../state/view";
import { unitColour } from "../ui/colours";

interface LossChartProps {
  readonly title: string;
  readonly units: readonly UnitProgress[];
  readonly field: keyof Omit<LossPoint, "iteration">;
  /** The unit that is being reconstructed: its line is strong. */
  readonly current: number | null;
}

/** A logarithmic axis has no place for zero: the regularizer is off at first. */
function positive(points: readonly LossPoint[], field: LossChartProps["field"]): { iteration: number; value: number }[] {
  return points.filter((point) => point[field] > 0).map((point) => ({ iteration: point.iteration, value: point[field] }));
}

const tick = (value: number) => (value >= 1000 || value < 0.01 ? value.toExponential(0) : String(Number(value.toPrecision(2))));

const UnitLine = (unit: UnitProgress, index: number, props: LossChartProps) => (
  <Line
    key={unit.name}
    data={positive(unit.points, props.field)}
    dataKey="value"
    name={unit.name}
    stroke={unitColour(index)}
    strokeWidth={props.current === index ? 2.5 : 1.25}
    strokeOpacity={props.current === null || props.current === index ? 1 : 0.6}
    dot={false}
    isAnimationActive={false}
  />
);

export const LossChart: React.NamedExoticComponent<LossChartProps> = memo(function LossChart(props: LossChartProps) {
  const { title, units } = props;
  const points = units.reduce((sum, unit) => sum + unit.points.length, 0);
  const summary = units.map((unit) => `${unit.name}: ${unit.points.at(-1)?.[props.field].toPrecision(3) ?? "no value yet"}`).join("; ");
  return (
    <figure className="chart" data-points={points} aria-label={`${title} by iteration. ${summary}`}>
      <figcaption>{title}</figcaption>
      <ResponsiveContainer width="100%" height={260}>
        <LineChart margin={{ top: 8, right: 12, bottom: 4, left: 4 }}>
          <CartesianGrid stroke="var(--line)" vertical={false} />
          <XAxis dataKey="iteration" type="number" domain={[0, "dataMax"]} tick={{ fontSize: 12 }} allowDuplicatedCategory={false} />
          <YAxis scale="log" domain={["auto", "auto"]} tickFormatter={tick} tick={{ fontSize: 12 }} width={52} allowDataOverflow />
          <Tooltip
            isAnimationActive={false}
            formatter={(value) => Number(value).toPrecision(4)}
            labelFormatter={(iteration) => `iteration ${iteration}`}
          />
          {units.map((unit, index) => UnitLine(unit, index, props))}
        </LineChart>
      </ResponsiveContainer>
    </figure>
  );
});
