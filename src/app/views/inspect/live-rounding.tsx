/**
 * Roundings as they are trained: how a layer's variables h leave the middle for 0 and 1, sample by sample, and where some of its
 * weights stand between their levels at the moment. Of a unit that is done the history stays.
 */
import { useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { Axes } from "../../charts/plot-axes";
import type { RoundingHistory } from "../../charts/roundings";
import { fileName } from "../../charts/save-chart";
import { useFormat } from "../../i18n/format";
import { useLab } from "../../state/react";
import { Figure, type Frame } from "./figure";
import { csvOf } from "./figure-file";
import { Cursor, plotOf } from "./plot";

export function useRoundings(layer: string): RoundingHistory | null {
  const roundings = useLab((lab) => lab.roundings);
  useSyncExternalStore(roundings.subscribe, () => roundings.version);
  return roundings.of(layer);
}

/** Percent of a sample's variables in each part of 0..1. */
export function shares(histogram: Uint32Array): number[] {
  const total = histogram.reduce((sum, count) => sum + count, 0);
  return Array.from(histogram, (count) => (total === 0 ? 0 : (100 * count) / total));
}

export function RoundingOverTime({ layer, history }: { readonly layer: string; readonly history: RoundingHistory }): React.ReactNode {
  const { t } = useTranslation("inspect");
  const format = useFormat();
  const { iterations, histograms } = history;
  const parts = histograms[0]?.length ?? 20;
  const last = iterations.at(-1) ?? 1;
  const plot = (frame: Frame) => plotOf(frame, [0, Math.max(1, last)], [0, 1]);
  const columns = histograms.map(shares);
  // A column is as wide as the time to the next sample.
  const edge = (i: number) => (i >= iterations.length ? last + Math.max(1, last / Math.max(1, iterations.length)) : (iterations[i] as number));
  const edges = (frame: Frame) => {
    const axes = plot(frame);
    const scale = plotOf(frame, [0, edge(iterations.length)], [0, 1]);
    return { axes: { ...axes, x: scale.x, ticks: { ...axes.ticks, x: scale.ticks.x } } };
  };
  return (
    <Figure
      title={t("live.title")}
      note={t("live.note")}
      name={`rounding-variables-${fileName(layer)}`}
      lines={17}
      keys={[
        { text: t("live.many"), colour: "var(--heat-1)", mark: "bar" },
        { text: t("live.none"), colour: "var(--heat-0)", mark: "bar" },
      ]}
      reading={{
        count: iterations.length * parts,
        steps: [parts, -1],
        pick: (x, y, frame) => {
          const { axes } = edges(frame);
          if (x < axes.left || x > axes.right || y < axes.top || y > axes.bottom) return null;
          const at = ((x - axes.left) / (axes.right - axes.left)) * edge(iterations.length);
          const sample = Math.max(
            0,
            iterations.findLastIndex((iteration) => iteration <= at),
          );
          return sample * parts + Math.min(parts - 1, Math.floor(((axes.bottom - y) / (axes.bottom - axes.top)) * parts));
        },
        say: (index) => {
          const [sample, part] = [Math.floor(index / parts), index % parts];
          return t("live.say", {
            iteration: format.count(iterations[sample] as number),
            share: format.percent(columns[sample]?.[part] ?? 0),
            from: format.digits(part / parts),
            to: format.digits((part + 1) / parts),
          });
        },
      }}
      csv={() =>
        csvOf(
          ["iteration", ...Array.from({ length: parts }, (_, part) => `h from ${part / parts}`)],
          histograms.map((histogram, i) => [iterations[i] as number, ...histogram]),
        )
      }
      draw={(frame, cursor) => {
        const { axes } = edges(frame);
        const tall = (axes.bottom - axes.top) / parts;
        return (
          <>
            <rect x={axes.left} y={axes.top} width={axes.right - axes.left} height={axes.bottom - axes.top} fill="var(--heat-0)" />
            {columns.map((column, i) => (
              <g key={iterations[i]}>
                {column.map((share, part) =>
                  share === 0 ? null : (
                    <rect
                      // biome-ignore lint/suspicious/noArrayIndexKey: a part is its place
                      key={part}
                      x={axes.x(edge(i))}
                      y={axes.bottom - (part + 1) * tall}
                      width={axes.x(edge(i + 1)) - axes.x(edge(i)) + 0.4}
                      height={tall + 0.4}
                      fill="var(--heat-1)"
                      fillOpacity={Math.min(1, 0.08 + 0.92 * Math.sqrt(share / 50))}
                    />
                  ),
                )}
              </g>
            ))}
            <Axes layout={axes} size={frame} titles={{ x: t("live.x"), y: t("live.y") }} />
            <Cursor plot={axes} at={cursor === null ? null : (iterations[Math.floor(cursor / parts)] as number)} />
          </>
        );
      }}
    />
  );
}

/** Weights that are drawn as dots. */
const DOTS = 240;

export function RoundingDots({ layer, history }: { readonly layer: string; readonly history: RoundingHistory }): React.ReactNode {
  const { t } = useTranslation("inspect");
  const format = useFormat();
  const { floor, h, levels } = history.last;
  const count = Math.min(DOTS, h.length);
  const at = (i: number) => Math.max(0, Math.min(levels - 1, (floor[i] as number) + (h[i] as number)));
  const plot = (frame: Frame) => plotOf(frame, [-0.3, levels - 0.7], [0, count]);
  return (
    <Figure
      title={t("live.dots")}
      note={t("live.dotsNote", { count, iteration: format.count(history.iterations.at(-1) ?? 0) })}
      name={`roundings-now-${fileName(layer)}`}
      lines={15}
      keys={[
        { text: t("live.soft"), colour: "var(--nearest)", mark: "dot" },
        { text: t("live.hard"), colour: "var(--method)", mark: "dot" },
      ]}
      reading={{
        count,
        pick: (x, y, frame) => {
          const { left, right, bottom, top } = plot(frame);
          if (x < left || x > right) return null;
          return Math.max(0, Math.min(count - 1, Math.floor(((bottom - y) / (bottom - top)) * count)));
        },
        say: (i) => t("live.dotsSay", { floor: floor[i] as number, h: format.digits(h[i] as number) }),
      }}
      csv={() =>
        csvOf(
          ["floor", "h"],
          Array.from(h, (value, i) => [floor[i] as number, value]),
        )
      }
      draw={(frame, cursor) => {
        const axes = plot(frame);
        const lines =
          levels <= 32 ? Array.from({ length: levels }, (_, level) => `M${axes.x(level).toFixed(1)} ${axes.top}V${axes.bottom}`).join("") : "";
        return (
          <>
            <Axes layout={{ ...axes, ticks: { ...axes.ticks, y: [] } }} size={frame} titles={{ x: t("live.dotsX"), y: t("live.dotsY") }} />
            <path d={lines} stroke="var(--strong-line)" />
            {Array.from({ length: count }, (_, i) => {
              const soft = (h[i] as number) > 0.02 && (h[i] as number) < 0.98;
              return (
                <circle
                  // biome-ignore lint/suspicious/noArrayIndexKey: a weight is its place
                  key={i}
                  cx={axes.x(at(i))}
                  cy={axes.y(i + 0.5)}
                  r={cursor === i ? 5 : 2.4}
                  fill={soft ? "var(--nearest)" : "var(--method)"}
                />
              );
            })}
          </>
        );
      }}
    />
  );
}
