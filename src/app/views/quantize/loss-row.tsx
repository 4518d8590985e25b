/** The row of loss curves, each in its unit's own column and on its own logarithmic axis: how it falls, not how high it is. */
import type { Frame } from "../../axis/stage";
import type { UnitCurve } from "../../charts/curves";
import { useCurves } from "../../charts/use-curves";
import styles from "./rows.module.css";

export interface LossRowProps {
  readonly frame: Frame;
  /** Whether there is a run whose curves belong here. */
  readonly isShown: boolean;
  /** Iterations of a unit. */
  readonly iterations: number;
}

export function LossRow({ frame: { spans, width, top, height }, isShown, iterations }: LossRowProps): React.ReactNode {
  // It follows the curves by itself: the view around it is not drawn anew as they grow.
  const recorded = useCurves();
  const curves = isShown ? recorded : [];
  const byUnit = new Map(curves.filter(({ phase }) => phase === "weights").map((curve) => [curve.unit, curve]));
  return (
    <>
      <line x1={0} x2={width} y1={top + height} y2={top + height} className={styles.grid} />
      {spans.map(({ column, left, width: own }) => {
        const curve = byUnit.get(column.unit.name);
        if (!curve || own < 4) return null;
        return (
          <path
            key={column.index}
            d={sparkline(curve, { left: left + own * 0.1, width: own * 0.8, top, height, iterations })}
            className={`${styles.spark} ${styles.method}`}
          />
        );
      })}
    </>
  );
}

export interface SparkBox {
  readonly left: number;
  readonly width: number;
  readonly top: number;
  readonly height: number;
  readonly iterations: number;
}

/** Paths by reduced curve, which is another one when more was heard; a run's finished units keep theirs. */
const paths = new WeakMap<object, readonly [box: string, path: string]>();

/** The path of a reduced curve in a box, on the logarithm of the loss between its own least and greatest mean. */
export function sparkline(curve: Pick<UnitCurve, "reduced">, { left, width, top, height, iterations }: SparkBox): string {
  const reduced = curve.reduced("reconstruction");
  const box = [left, width, top, height, iterations].join();
  const known = paths.get(reduced);
  if (known?.[0] === box) return known[1];
  const { mean, every } = reduced;
  const logs = Array.from(mean, (value) => Math.log(Math.max(value, 1e-30)));
  const [low, high] = [Math.min(...logs), Math.max(...logs)];
  const most = Math.max(1, iterations / every - 1);
  const path = logs
    .map((value, i) => {
      const x = left + Math.min(1, i / most) * width;
      const y = top + height - 3 - (high > low ? ((value - low) / (high - low)) * (height - 8) : 0);
      return `${i === 0 ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`;
    })
    .join("");
  paths.set(reduced, [box, path]);
  return path;
}
