/** The row above the network: accuracy of the network quantized up to each unit, by nearest rounding and by the method. */

import type { SoFar } from "../../../session/worker/events";
import type { Frame } from "../../axis/stage";
import { LEFT } from "../../axis/stage";
import styles from "./rows.module.css";
import { quoted } from "./story";

export interface AccuracyCurve {
  readonly method: "nearest" | "quantized";
  /** By the unit's name; percent. */
  readonly points: ReadonlyMap<string, number>;
}

export function curveOf(soFar: readonly SoFar[], method: AccuracyCurve["method"]): AccuracyCurve {
  return { method, points: new Map(soFar.filter((one) => one.method === method).map(({ name, accuracy }) => [name, quoted(accuracy)])) };
}

/** Ends of the axis in percent: wide enough for all that is drawn, on round figures. */
export function accuracyDomain(values: readonly number[]): readonly [number, number] {
  const low = Math.min(100, ...values);
  return [Math.max(0, Math.floor((low - 1) / 10) * 10), 100];
}

interface RowProps {
  readonly frame: Frame;
  readonly curves: readonly AccuracyCurve[];
  readonly full: number | null;
  readonly fullText: string;
}

export function AccuracyRow({ frame: { spans, width, top, height }, curves, full, fullText }: RowProps): React.ReactNode {
  const values = [...curves.flatMap(({ points }) => [...points.values()]), ...(full === null ? [] : [full])];
  const [low, high] = accuracyDomain(values);
  const y = (value: number) => top + height - ((value - low) / (high - low)) * (height - 8);
  const step = high - low > 50 ? 20 : high - low > 20 ? 10 : 5;
  const ticks = Array.from({ length: Math.floor((high - low) / step) + 1 }, (_, i) => low + i * step);
  return (
    <>
      {ticks.map((tick) => (
        <g key={tick}>
          <line x1={0} x2={width} y1={y(tick)} y2={y(tick)} className={styles.grid} />
          <text x={-8} y={y(tick) + 4} textAnchor="end">
            {tick}
          </text>
        </g>
      ))}
      <line x1={-LEFT} x2={-LEFT} y1={top} y2={top} />
      {full === null ? null : (
        <>
          <line x1={0} x2={width} y1={y(full)} y2={y(full)} className={styles.full} />
          <text x={width - 4} y={y(full) - 5} textAnchor="end" className={styles.fullText}>
            {fullText}
          </text>
        </>
      )}
      {curves.map(({ method, points }) => {
        const placed = spans.flatMap(({ column, middle }) => {
          const value = points.get(column.unit.name);
          return value === undefined ? [] : [{ name: column.unit.name, x: middle, y: y(value), value }];
        });
        const look = method === "nearest" ? styles.nearest : styles.method;
        return (
          <g key={method} data-curve={method}>
            <path d={placed.map((at, i) => `${i === 0 ? "M" : "L"}${at.x} ${at.y}`).join("")} className={`${styles.line} ${look}`} />
            {placed.length > 60
              ? null
              : placed.map((at) =>
                  method === "nearest" ? (
                    <rect key={at.name} x={at.x - 3.5} y={at.y - 3.5} width={7} height={7} className={`${styles.dot} ${look}`} />
                  ) : (
                    <circle key={at.name} cx={at.x} cy={at.y} r={4.5} className={`${styles.dot} ${look}`} />
                  ),
                )}
          </g>
        );
      })}
    </>
  );
}
