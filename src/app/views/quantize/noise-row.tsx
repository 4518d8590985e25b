/** The row below the network: noise to signal at each unit's output, nearest rounding's and the method's, on one logarithmic axis. */

import type { Frame } from "../../axis/stage";
import { logDomain, logScale, logTicks } from "../../charts/axes";
import styles from "./rows.module.css";

export interface NoiseProps {
  readonly frame: Frame;
  /** By the unit's name. */
  readonly nearest: ReadonlyMap<string, number>;
  readonly method: ReadonlyMap<string, number>;
}

export function NoiseRow({ frame: { spans, width, top, height }, nearest, method }: NoiseProps): React.ReactNode {
  const values = [...nearest.values(), ...method.values()].filter((value) => value > 0);
  if (values.length === 0) return <line x1={0} x2={width} y1={top + height} y2={top + height} className={styles.grid} />;
  const domain = logDomain(Math.min(...values), Math.max(...values));
  const y = logScale(domain, [top + height - 2, top + 4]);
  return (
    <>
      {logTicks(domain, 3).map(({ value, text }) => (
        <g key={value}>
          <line x1={0} x2={width} y1={y(value)} y2={y(value)} className={styles.grid} />
          <text x={-8} y={y(value) + 4} textAnchor="end">
            {text}
          </text>
        </g>
      ))}
      {spans.map(({ column, middle, width: own }) => {
        const [a, b] = [nearest.get(column.unit.name), method.get(column.unit.name)];
        const wide = Math.max(1, Math.min(14, own * 0.22));
        const bar = (value: number | undefined, x: number, look: string | undefined) =>
          value === undefined || value <= 0 ? null : (
            <rect x={x} y={y(value)} width={wide} height={Math.max(0, top + height - y(value))} rx={1.5} className={look} />
          );
        return (
          <g key={column.index}>
            {bar(a, middle - wide - 1, styles.nearestBar)}
            {bar(b, middle + 1, styles.methodBar)}
          </g>
        );
      })}
    </>
  );
}
