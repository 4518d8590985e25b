/** The search as it went: loss by generation, and cost against loss with the front. */
import { CartesianGrid, Legend, Line, LineChart, ResponsiveContainer, Scatter, ScatterChart, Tooltip, XAxis, YAxis } from "recharts";
import type { SearchResult } from "../../session/search-result";

const digits = (value: unknown) => Number(value).toPrecision(3);

export function GenerationChart({ result }: { readonly result: SearchResult }): React.ReactNode {
  const data = result.history.map(({ best, mean }, generation) => ({ generation, best, mean }));
  return (
    <figure className="chart" aria-label={`Predicted loss by generation: ${digits(data[0]?.best)} to ${digits(data.at(-1)?.best)}`}>
      <figcaption>Predicted loss by generation</figcaption>
      <ResponsiveContainer width="100%" height={220}>
        <LineChart data={data} margin={{ top: 8, right: 12, bottom: 4, left: 4 }}>
          <CartesianGrid stroke="var(--line)" vertical={false} />
          <XAxis dataKey="generation" type="number" domain={[0, "dataMax"]} tick={{ fontSize: 12 }} />
          <YAxis scale="log" domain={["auto", "auto"]} tickFormatter={digits} tick={{ fontSize: 12 }} width={60} />
          <Tooltip isAnimationActive={false} formatter={digits} />
          <Legend />
          <Line dataKey="best" name="best" stroke="#0072b2" dot={false} isAnimationActive={false} />
          <Line dataKey="mean" name="mean of the population" stroke="#e69f00" dot={false} isAnimationActive={false} />
        </LineChart>
      </ResponsiveContainer>
    </figure>
  );
}

export function FrontChart({ result }: { readonly result: SearchResult }): React.ReactNode {
  const points = (list: readonly (readonly [number, number])[]) => list.map(([cost, loss]) => ({ cost, loss }));
  const front = result.front ?? [];
  const every = Math.max(1, Math.ceil(front.length / 300));
  return (
    <figure className="chart" aria-label={`Cost against predicted loss, ${front.length} assignments on the front`}>
      <figcaption>Cost ({result.limit.unit}) against predicted loss</figcaption>
      <ResponsiveContainer width="100%" height={220}>
        <ScatterChart margin={{ top: 8, right: 12, bottom: 4, left: 4 }}>
          <CartesianGrid stroke="var(--line)" />
          <XAxis dataKey="cost" type="number" domain={["auto", "auto"]} tickFormatter={digits} tick={{ fontSize: 12 }} name="cost" />
          <YAxis
            dataKey="loss"
            type="number"
            scale="log"
            domain={["auto", "auto"]}
            tickFormatter={digits}
            tick={{ fontSize: 12 }}
            width={60}
            name="loss"
          />
          <Tooltip isAnimationActive={false} formatter={digits} />
          <Legend />
          <Scatter name="first population" data={points(result.history[0]?.members ?? [])} fill="#cccccc" isAnimationActive={false} />
          <Scatter name="last population" data={points(result.history.at(-1)?.members ?? [])} fill="#e69f00" isAnimationActive={false} />
          <Scatter name="front" data={points(front.filter((_, i) => i % every === 0))} fill="#0072b2" isAnimationActive={false} />
          <Scatter
            name="uniform"
            data={result.uniform.map(({ cost, predictedLoss }) => ({ cost, loss: predictedLoss }))}
            fill="#d55e00"
            shape="square"
            isAnimationActive={false}
          />
        </ScatterChart>
      </ResponsiveContainer>
    </figure>
  );
}
