/** The live curves of every unit: reconstruction loss, and the rounding regularizer apart. */

import { FLOAT_BITS } from "../../session/network/view";
import { useLab } from "../state/react";
import { onDemand } from "../ui/lazy";

const LossChart = onDemand(async () => (await import("./loss-chart")).LossChart);

export function LossPanel(): React.ReactNode {
  const units = useLab((lab) => lab.view.units);
  const current = useLab((lab) => lab.view.current);
  if (units.length === 0) return null;
  return (
    <section className="panel" aria-label="Reconstruction">
      <h2>Reconstruction</h2>
      <div className="charts">
        <LossChart title="Reconstruction loss" units={units} field="reconstruction" current={current} />
        <LossChart title="Rounding regularizer" units={units} field="regularizer" current={current} />
      </div>
      <div className="scroll">
        <table className="units">
          <thead>
            <tr>
              <th scope="col">Unit</th>
              <th scope="col">Bits</th>
              <th scope="col">First loss</th>
              <th scope="col">Last loss</th>
              <th scope="col" title="Share of roundings that had decided for up or down before they were hardened">
                Settled
              </th>
              <th scope="col">Seconds</th>
            </tr>
          </thead>
          <tbody>
            {units.map(({ name, report, points }, index) => (
              <tr key={name} className={index === current ? "current" : ""}>
                <th scope="row">{name}</th>
                <td>{report ? [...new Set(report.bits)].map((bits) => (bits === FLOAT_BITS ? "float" : bits)).join(", ") : ""}</td>
                <td>{(report?.loss.first ?? points[0]?.reconstruction)?.toPrecision(4) ?? ""}</td>
                <td>{(report?.loss.last ?? points.at(-1)?.reconstruction)?.toPrecision(4) ?? ""}</td>
                <td>{report ? (report.phase === "weights" ? `${(100 * report.settled).toFixed(1)} %` : "–") : ""}</td>
                <td>{report ? (report.reused ? "reused" : report.seconds.toFixed(1)) : ""}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
