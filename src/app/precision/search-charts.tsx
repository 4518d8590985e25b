/** The search as it went: loss by generation, and cost against loss with the front. */
import { useEffect, useState } from "react";
import { CartesianGrid, Legend, Line, LineChart, ResponsiveContainer, Scatter, ScatterChart, Tooltip, XAxis, YAxis } from "recharts";
import type { SearchResult } from "../../session/search/result";
import { COST_AXIS, digits, LOSS_AXIS, LOSS_DOMAIN } from "./cost-axes";

/** The population plays in so many pictures, one every so many milliseconds. */
const [FRAMES, FRAME_MS] = [25, 120];

export function GenerationChart({ result }: { readonly result: SearchResult }): React.ReactNode {
  const data = result.history.map(({ best, mean }, generation) => ({ generation, best, mean }));
  return (
    <figure className="chart" aria-label={`Predicted loss by generation: ${digits(data[0]?.best)} to ${digits(data.at(-1)?.best)}`}>
      <figcaption>Predicted loss by generation; where the mean leaps, a new family begins</figcaption>
      <ResponsiveContainer width="100%" height={220}>
        <LineChart data={data} margin={{ top: 8, right: 12, bottom: 4, left: 4 }}>
          <CartesianGrid stroke="var(--line)" vertical={false} />
          <XAxis dataKey="generation" type="number" domain={[0, "dataMax"]} tick={{ fontSize: 12 }} />
          <YAxis scale="log" domain={LOSS_DOMAIN} tickFormatter={digits} tick={{ fontSize: 12 }} width={60} />
          <Tooltip isAnimationActive={false} formatter={digits} />
          <Legend />
          <Line dataKey="best" name="best" stroke="#0072b2" dot={false} isAnimationActive={false} />
          <Line dataKey="mean" name="mean of the population" stroke="#e69f00" dot={false} isAnimationActive={false} />
        </LineChart>
      </ResponsiveContainer>
    </figure>
  );
}

/** One generation of the population over the front; it plays from the first to the last when it is shown. */
export function FrontChart({ result }: { readonly result: SearchResult }): React.ReactNode {
  const last = result.history.length - 1;
  const [generation, setGeneration] = useState(0);
  const [playing, setPlaying] = useState(true);
  useEffect(() => {
    if (!playing) return;
    if (generation >= last) {
      setPlaying(false);
      return;
    }
    const timer = setTimeout(() => setGeneration(Math.min(last, generation + Math.max(1, Math.round(last / FRAMES)))), FRAME_MS);
    return () => clearTimeout(timer);
  }, [playing, generation, last]);
  const points = (list: readonly (readonly [number, number])[]) => list.map(([cost, loss]) => ({ cost, loss }));
  const front = result.front ?? [];
  const every = Math.max(1, Math.ceil(front.length / 300));
  return (
    <figure className="chart" aria-label={`Cost against predicted loss, ${front.length} assignments on the front`}>
      <figcaption>
        Cost ({result.limit.unit}) against predicted loss, generation {generation}{" "}
        <input
          type="range"
          min={0}
          max={last}
          value={generation}
          aria-label="Generation"
          onChange={(event) => {
            setPlaying(false);
            setGeneration(Number(event.target.value));
          }}
        />{" "}
        <button
          type="button"
          className="quiet"
          onClick={() => {
            if (generation >= last) setGeneration(0);
            setPlaying(!playing);
          }}
        >
          {playing ? "Pause" : "Play"}
        </button>
      </figcaption>
      <ResponsiveContainer width="100%" height={220}>
        <ScatterChart margin={{ top: 8, right: 12, bottom: 4, left: 4 }}>
          <CartesianGrid stroke="var(--line)" />
          <XAxis {...COST_AXIS} name="cost" />
          <YAxis {...LOSS_AXIS} />
          <Tooltip isAnimationActive={false} formatter={digits} />
          <Legend />
          <Scatter name="front" data={points(front.filter((_, i) => i % every === 0))} fill="#0072b2" isAnimationActive={false} />
          <Scatter
            name="uniform"
            data={result.uniform.map(({ cost, predictedLoss }) => ({ cost, loss: predictedLoss }))}
            fill="#d55e00"
            shape="square"
            isAnimationActive={false}
          />
          <Scatter name="population" data={points(result.history[generation]?.members ?? [])} fill="#e69f00" isAnimationActive={false} />
        </ScatterChart>
      </ResponsiveContainer>
    </figure>
  );
}
