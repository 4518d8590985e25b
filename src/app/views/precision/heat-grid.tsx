/** Values in rows and columns as one hue from the ground to strong, logarithmic, with the number of each on hover; a click picks a row. */
import Papa from "papaparse";
import { useTranslation } from "react-i18next";
import { markupOf } from "../../charts/markup";
import { fileName, SaveChart } from "../../charts/save-chart";
import { useRoom } from "../../charts/use-room";
import { useFormat } from "../../i18n/format";
import styles from "./precision.module.css";

export interface HeatGridProps {
  readonly title: string;
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  /** [row][column]; null where nothing was measured; below 0 has a hue of its own. */
  readonly values: readonly (readonly (number | null)[])[];
  /** The chosen column of each row, framed. */
  readonly chosen?: readonly (number | null)[];
  onPick?(row: number): void;
}

export function HeatGrid(props: HeatGridProps): React.ReactNode {
  const { t } = useTranslation("precision");
  const format = useFormat();
  const { text } = useRoom<HTMLDivElement>()[1];
  const { title, rows, columns, values, onPick } = props;
  const sizes = values.flat().flatMap((value) => (value ? [Math.abs(value)] : []));
  const [low, high] = sizes.length > 0 ? [Math.min(...sizes), Math.max(...sizes)] : [0, 0];
  const width = Math.min(60, Math.max(9, Math.floor(520 / columns.length)));
  const left = rows.some((row) => row !== "") ? Math.min(200, 14 + 7.4 * Math.max(...rows.map(({ length }) => length))) : 4;
  const height = width < 24 ? width : 22;
  const words = (value: number | null) => (value === null ? t("grid.none") : format.digits(value));
  const picture = (framed: boolean) => (
    <svg
      xmlns="http://www.w3.org/2000/svg"
      width={left + columns.length * width + 8}
      height={26 + rows.length * height + (framed ? 24 : 4)}
      fontSize={text}
      {...(framed ? { fontFamily: "sans-serif" } : {})}
      role="img"
      aria-label={title}
    >
      {framed ? <rect width="100%" height="100%" fill="#ffffff" /> : null}
      {width >= 24
        ? columns.map((column, j) => (
            <text key={column} x={left + (j + 0.5) * width} y={18} textAnchor="middle" fill="var(--dim)">
              {column}
            </text>
          ))
        : null}
      {rows.map((row, i) => (
        // biome-ignore lint/a11y/noStaticElementInteractions: the same layers are buttons of the network
        <g key={`${row} ${values[i]?.[0]}`} transform={`translate(0 ${26 + i * height})`} onClick={onPick ? () => onPick(i) : undefined}>
          {height >= 14 ? (
            <text x={left - 6} y={height / 2 + 4} textAnchor="end" fill="var(--ink)">
              {row.length * 7.4 > left ? `…${row.slice(-Math.floor(left / 7.8))}` : row}
            </text>
          ) : null}
          {columns.map((column, j) => {
            const value = values[i]?.[j] ?? null;
            const share = value && high > 0 ? (high > low ? Math.log(Math.abs(value) / low) / Math.log(high / low) : 1) : 0;
            const isChosen = props.chosen?.[i] === j;
            return (
              <g key={column}>
                <title>{`${row} ${column}: ${words(value)}`}</title>
                <rect x={left + j * width} y={0} width={width - 1} height={height - 1} fill={value === null ? "var(--panel)" : "var(--heat-0)"} />
                <rect
                  x={left + j * width}
                  y={0}
                  width={width - 1}
                  height={height - 1}
                  fill={value !== null && value < 0 ? "var(--cool-1)" : "var(--heat-1)"}
                  fillOpacity={value === null ? 0 : 0.05 + 0.95 * Math.max(0, share)}
                  stroke={isChosen ? "var(--nearest)" : "none"}
                  strokeWidth={isChosen ? 2.5 : 0}
                />
              </g>
            );
          })}
        </g>
      ))}
      {framed ? (
        <text x={4} y={26 + rows.length * height + 16} fill="var(--ink)">
          {title}
        </text>
      ) : null}
    </svg>
  );
  return (
    <figure className={styles.figure}>
      <figcaption>
        <h4>{title}</h4>
        <HeatScale low={low} high={high} cancels={values.some((row) => row.some((value) => value !== null && value < 0))} />
      </figcaption>
      <div className={styles.scroll}>{picture(false)}</div>
      <SaveChart
        title={title}
        name={fileName(title)}
        svg={() => markupOf(picture(true))}
        csv={() => Papa.unparse([["", ...columns], ...rows.map((row, i) => [row, ...(values[i] ?? [])])], { newline: "\n" })}
      />
    </figure>
  );
}

/** What the colours mean. */
export function HeatScale({ low, high, cancels }: { readonly low: number; readonly high: number; readonly cancels: boolean }): React.ReactNode {
  const { t } = useTranslation("precision");
  const format = useFormat();
  if (!(high > 0)) return null;
  return (
    <span className={styles.scale}>
      {format.digits(low)}
      <svg width={64} height={12} aria-hidden>
        {[0.05, 0.3, 0.55, 0.8, 1].map((share, i) => (
          <g key={share}>
            <rect x={i * 13} width={12} height={12} fill="var(--heat-0)" />
            <rect x={i * 13} width={12} height={12} fill="var(--heat-1)" fillOpacity={share} />
          </g>
        ))}
      </svg>
      {format.digits(high)} {t("grid.scale")}
      {cancels ? (
        <>
          <svg width={12} height={12} aria-hidden>
            <rect width={12} height={12} fill="var(--cool-1)" />
          </svg>
          {t("grid.cancels")}
        </>
      ) : null}
    </span>
  );
}
