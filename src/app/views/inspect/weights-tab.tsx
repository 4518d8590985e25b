/**
 * The weights on their grid. The grey hill is full precision, in weights a level, so that its area between two edges is what
 * nearest rounding puts on the level between them; bars at the levels are what rounding left.
 */
import { useTranslation } from "react-i18next";
import type { Inspection, WeightsInspection } from "../../../session/inspect/inspection";
import { Axes } from "../../charts/plot-axes";
import { fileName } from "../../charts/save-chart";
import { useFormat } from "../../i18n/format";
import { Figure, type Frame } from "./figure";
import { csvOf, type Key } from "./figure-file";
import { barPath, Cursor, plotOf } from "./plot";

/** A level's neighbourhood, as it is read off and written to CSV. */
export interface LevelCounts {
  readonly level: number;
  /** Full-precision weights nearer to it than to any other level; at the ends, those beyond too. */
  readonly full: number;
  readonly nearest: number;
  readonly reconstructed: number | null;
}

/** @returns one row a level: the bins of the histogram end where levels meet */
export function levelCounts({ full, nearest, reconstructed }: WeightsInspection): LevelCounts[] {
  const rows = Array.from(nearest, (count, level) => ({ level, full: 0, nearest: count, reconstructed: reconstructed?.[level] ?? null }));
  full.counts.forEach((count, bin) => {
    const level = Math.round(full.first + (bin + 0.5) * full.width);
    const row = rows[Math.max(0, Math.min(rows.length - 1, level))];
    if (row) row.full += count;
  });
  return rows;
}

/** The outline of the full-precision hill, in weights a level. */
function hillPath({ full: { first, width, counts } }: WeightsInspection, plot: ReturnType<typeof plotOf>): string {
  let path = `M${plot.x(first).toFixed(1)} ${plot.bottom}`;
  counts.forEach((count, bin) => {
    path += `V${plot.y(count / width).toFixed(1)}H${plot.x(first + (bin + 1) * width).toFixed(1)}`;
  });
  return `${path}V${plot.bottom}z`;
}

/** Up to so many levels the edges between them are drawn. */
const EDGES = 16;

export function GridHistogram({ inspection, weights }: { readonly inspection: Inspection; readonly weights: WeightsInspection }): React.ReactNode {
  const { t } = useTranslation("inspect");
  const format = useFormat();
  const { full, bits, scale, zero } = weights;
  const rows = levelCounts(weights);
  const { channel } = inspection.ask;
  const highest = Math.max(...Array.from(full.counts, (count) => count / full.width), ...weights.nearest, ...(weights.reconstructed ?? [0]));
  const domain = [full.first, full.first + full.counts.length * full.width] as const;
  const single = scale.length === 1 ? 0 : channel;
  const weightAt = (level: number) => (single === null ? null : (level - (zero[single] as number)) * (scale[single] as number));
  const plot = (frame: Frame) => plotOf(frame, domain, [0, highest * 1.05]);
  const say = (level: number) => {
    const row = rows[level] as LevelCounts;
    const value = weightAt(level);
    const at = value === null ? t("weights.level", { level }) : t("weights.levelValue", { level, value: format.digits(value) });
    const counts = { full: format.count(row.full), nearest: format.count(row.nearest) };
    return row.reconstructed === null
      ? t("weights.sayNearest", { at, ...counts })
      : t("weights.say", { at, ...counts, reconstructed: format.count(row.reconstructed) });
  };
  const keys: Key[] = [
    { text: t("full"), colour: "var(--full)", mark: "bar" },
    { text: t("nearest"), colour: "var(--nearest)", mark: "bar" },
    ...(weights.reconstructed ? [{ text: t("reconstructed"), colour: "var(--method)", mark: "bar" } as const] : []),
  ];
  const draw = (frame: Frame, cursor: number | null) => {
    const axes = plot(frame);
    const edges = rows.length <= EDGES ? rows.slice(1).map(({ level }) => `M${axes.x(level - 0.5).toFixed(1)} ${axes.top}V${axes.bottom}`) : [];
    const half = rows.length <= 32 ? 0.16 : 0.5;
    return (
      <>
        <Axes layout={axes} size={frame} titles={{ x: t("weights.x", { bits, levels: rows.length }), y: t("weights.y") }} />
        <path d={hillPath(weights, axes)} fill="var(--full)" fillOpacity={0.35} stroke="var(--full)" strokeWidth={1} />
        <path d={edges.join("")} stroke="var(--strong-line)" strokeDasharray="2 4" />
        <path
          d={rows.map(({ level, nearest }) => barPath(axes, level - half, weights.reconstructed ? level : level + half, nearest)).join("")}
          fill="var(--nearest)"
        />
        <path d={rows.map(({ level, reconstructed }) => barPath(axes, level, level + half, reconstructed ?? 0)).join("")} fill="var(--method)" />
        <Cursor plot={axes} at={cursor} />
      </>
    );
  };
  return (
    <Figure
      title={channel === null ? t("weights.title") : t("weights.titleChannel", { channel })}
      note={t("weights.note")}
      name={`weights-${fileName(inspection.ask.layer)}`}
      keys={keys}
      lines={22}
      reading={{
        count: rows.length,
        pick: (x, _y, frame) => {
          const { left, right } = plot(frame);
          const level = Math.round(domain[0] + ((x - left) / (right - left)) * (domain[1] - domain[0]));
          return x < left || x > right ? null : Math.max(0, Math.min(rows.length - 1, level));
        },
        say,
      }}
      csv={() =>
        csvOf(
          ["level", "value", "full precision, nearer to this level", "nearest", "reconstructed"],
          rows.map(({ level, full, nearest, reconstructed }) => [level, weightAt(level), full, nearest, reconstructed]),
        )
      }
      draw={draw}
    />
  );
}
