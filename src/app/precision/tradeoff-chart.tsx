/** Assignments by one cost and predicted loss, the other cost as colour from pale (cheap) to dark. */
import { CartesianGrid, ResponsiveContainer, Scatter, ScatterChart, Tooltip, XAxis, YAxis } from "recharts";
import type { TradeoffResult } from "../../session/search/result";
import { COST_AXIS, digits, LOSS_AXIS } from "./cost-axes";

interface TradeoffChartProps {
  readonly tradeoff: TradeoffResult;
  readonly chosen: number | null;
  onChoose(index: number): void;
}

export function TradeoffChart({ tradeoff, chosen, onChoose }: TradeoffChartProps): React.ReactNode {
  const [first, second] = tradeoff.costs;
  if (!first || !second) return null;
  const others = tradeoff.points.map(({ costs }) => costs[1] as number);
  const [low, high] = [Math.min(...others), Math.max(...others)];
  const data = tradeoff.points.map(({ costs, predictedLoss }, index) => ({
    index,
    cost: costs[0] as number,
    other: costs[1] as number,
    loss: predictedLoss,
  }));
  const colourOf = (other: number) => `hsl(265 60% ${Math.round(82 - 55 * ((other - low) / (high - low || 1)))}%)`;
  return (
    <figure className="chart" aria-label={`${data.length} assignments by ${first.cost}, ${second.cost} and predicted loss`}>
      <figcaption>
        {first.cost} ({first.unit}) against predicted loss; colour is {second.cost}, {digits(low)} to {digits(high)} {second.unit} ({second.origin})
      </figcaption>
      <ResponsiveContainer width="100%" height={280}>
        <ScatterChart margin={{ top: 8, right: 12, bottom: 4, left: 4 }}>
          <CartesianGrid stroke="var(--line)" />
          <XAxis {...COST_AXIS} name={first.cost} />
          <YAxis {...LOSS_AXIS} />
          <Tooltip isAnimationActive={false} formatter={digits} />
          <Scatter
            data={data}
            isAnimationActive={false}
            onClick={(_point, index) => onChoose(index)}
            shape={(props: unknown) => {
              const { cx, cy, payload } = props as { readonly cx: number; readonly cy: number; readonly payload: (typeof data)[number] };
              const own = payload.index === chosen;
              return (
                <circle
                  cx={cx}
                  cy={cy}
                  r={own ? 8 : 4}
                  fill={colourOf(payload.other)}
                  stroke={own ? "#d55e00" : "#555"}
                  strokeWidth={own ? 3 : 0.5}
                />
              );
            }}
          />
        </ScatterChart>
      </ResponsiveContainer>
    </figure>
  );
}
