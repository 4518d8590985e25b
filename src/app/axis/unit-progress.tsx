/** How far the training of a unit is, at the foot of its column: it alone is drawn anew as iterations come, not the column. */
import { useCurves } from "../charts/use-curves";
import styles from "./stage.module.css";

interface UnitProgressProps {
  readonly unit: string;
  /** Of the phase that it is in. */
  readonly iterations: number;
  readonly x: number;
  readonly y: number;
  /** When it is whole. */
  readonly width: number;
}

export function UnitProgress({ unit, iterations, x, y, width }: UnitProgressProps): React.ReactNode {
  const heard = useCurves().findLast((curve) => curve.unit === unit)?.length ?? 0;
  return <rect x={x} y={y} width={Math.max(0, width * Math.min(1, heard / Math.max(1, iterations)))} height={3} className={styles.progress} />;
}
