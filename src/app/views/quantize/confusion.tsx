/** The confusion matrix: rows are labels, columns what the network says, in percent of each row's images. */
import { useTranslation } from "react-i18next";
import styles from "./by-class.module.css";

interface ConfusionProps {
  readonly title: string;
  readonly names: readonly string[];
  /** [label * classes + prediction]. */
  readonly counts: Uint32Array;
  readonly drawing: React.RefObject<SVGSVGElement | null>;
}

/** Side of the drawing, and room for names at the left and the top. */
const [SIDE, LEFT, TOP] = [520, 96, 34];
/** Up to so many classes names and numbers are written. */
const NAMED = 20;

export function Confusion({ title, names, counts, drawing }: ConfusionProps): React.ReactNode {
  const { t } = useTranslation("quantize");
  const classes = names.length;
  const named = classes <= NAMED;
  const [left, top] = named ? [LEFT, TOP] : [20, 20];
  const cell = (SIDE - left) / classes;
  const height = top + cell * classes + 4;
  const row = (i: number) => counts.subarray(i * classes, (i + 1) * classes);
  const cells = names.flatMap((label, i) => {
    const total = row(i).reduce((sum, count) => sum + count, 0);
    return [...row(i)].map((count, j) => ({ label, i, j, count, share: total === 0 ? 0 : count / total }));
  });
  return (
    <svg ref={drawing} viewBox={`0 0 ${SIDE} ${height}`} className={styles.confusion} role="img" aria-label={title} data-chart="confusion">
      {cells
        .filter(({ count, i, j }) => count > 0 || i === j)
        .map(({ label, i, j, count, share }) => (
          <g key={`${i} ${j}`}>
            <rect
              x={left + j * cell}
              y={top + i * cell}
              width={Math.max(1, cell - 1)}
              height={Math.max(1, cell - 1)}
              fill={i === j ? "var(--heat-1)" : "var(--nearest)"}
              fillOpacity={Math.max(0.06, Math.sqrt(share))}
            >
              <title>{t("classes.cell", { label, said: names[j], count, percent: (100 * share).toFixed(1) })}</title>
            </rect>
            {named && share >= 0.005 ? (
              <text
                x={left + (j + 0.5) * cell}
                y={top + (i + 0.5) * cell + 4}
                textAnchor="middle"
                className={share > 0.3 ? styles.onDark : styles.onPale}
              >
                {Math.round(100 * share)}
              </text>
            ) : null}
          </g>
        ))}
      {named
        ? names.map((name, i) => (
            <g key={name}>
              <text x={left - 6} y={top + (i + 0.5) * cell + 4} textAnchor="end">
                {name.slice(0, 13)}
              </text>
              <text x={left + (i + 0.5) * cell} y={top - 8} textAnchor="middle">
                {name.slice(0, Math.max(1, Math.floor(cell / 7.5)))}
              </text>
            </g>
          ))
        : null}
    </svg>
  );
}
