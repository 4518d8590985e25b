/**
 * The loss curves of several runs over one part of the network, on one pair of axes. Methods differ in what they
 * reconstruct at once: where a run has no unit of the chosen name, its units within it, or the one that holds it, are drawn.
 */
import { useState } from "react";
import { CartesianGrid, Legend, Line, LineChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import type { SampledCurves } from "../../session/worker/events";
import { unitColour } from "../ui/colours";

interface OverlayChartProps {
  readonly runs: readonly { readonly label: string; readonly curves: SampledCurves | null }[];
}

export function OverlayChart({ runs }: OverlayChartProps): React.ReactNode {
  const [unit, setUnit] = useState("");
  const names = [...new Set(runs.flatMap(({ curves }) => curves?.units.map(({ name }) => name) ?? []))];
  if (names.length === 0) return runs.length > 0 ? <p className="faint">The runs that are ticked trained nothing, so they have no curves.</p> : null;
  const chosen = names.includes(unit) ? unit : (names[0] as string);
  const lines = runs.flatMap(({ label, curves }) =>
    unitsAt(curves, chosen).map(({ name, points }) => ({
      label: name === chosen ? label : `${label}: ${name}`,
      data: points.map(([iteration, value]) => ({ iteration, value })).filter(({ value }) => value > 0),
    })),
  );
  const without = runs.filter(({ curves }) => unitsAt(curves, chosen).length === 0).map(({ label }) => label);
  return (
    <figure className="chart" aria-label={`Reconstruction loss of ${chosen} in ${lines.length} runs`} data-lines={lines.length}>
      <figcaption>
        Reconstruction loss of{" "}
        <select aria-label="Unit of the curves" value={chosen} onChange={(event) => setUnit(event.target.value)}>
          {names.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </figcaption>
      <ResponsiveContainer width="100%" height={280}>
        <LineChart margin={{ top: 8, right: 12, bottom: 4, left: 4 }}>
          <CartesianGrid stroke="var(--line)" vertical={false} />
          <XAxis dataKey="iteration" type="number" domain={[0, "dataMax"]} tick={{ fontSize: 12 }} allowDuplicatedCategory={false} />
          <YAxis
            scale="log"
            domain={["auto", "auto"]}
            tickFormatter={(value) => Number(value).toPrecision(2)}
            tick={{ fontSize: 12 }}
            width={60}
            allowDataOverflow
          />
          <Tooltip
            isAnimationActive={false}
            formatter={(value) => Number(value).toPrecision(4)}
            labelFormatter={(iteration) => `iteration ${iteration}`}
          />
          <Legend />
          {lines.map(({ label, data }, i) => (
            <Line key={label} data={data} dataKey="value" name={label} stroke={unitColour(i)} dot={false} isAnimationActive={false} />
          ))}
        </LineChart>
      </ResponsiveContainer>
      {without.length > 0 ? <p className="faint">No curve there: {without.join("; ")}.</p> : null}
    </figure>
  );
}

/** A run's units of a name, or within it, or the one that holds it: "layer1.0" holds "layer1.0/conv1". */
function unitsAt(curves: SampledCurves | null, chosen: string): SampledCurves["units"] {
  const units = curves?.units ?? [];
  const named = units.filter(({ name }) => name === chosen);
  return named.length > 0 ? named : units.filter(({ name }) => name.startsWith(`${chosen}/`) || chosen.startsWith(`${name}/`));
}
