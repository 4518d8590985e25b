/** Which weights were rounded the other way: by where they lie between two levels, and by their place in the kernel. */
import { useTranslation } from "react-i18next";
import type { Flips, Inspection, WeightsInspection } from "../../../session/inspect/inspection";
import { Axes } from "../../charts/plot-axes";
import { fileName } from "../../charts/save-chart";
import { useFormat } from "../../i18n/format";
import { Figure, type Frame } from "./figure";
import { csvOf } from "./figure-file";
import { Cursor, plotOf } from "./plot";

/** Percent of the weights in each twentieth of a step that were rounded up; null where there are none. */
export function shareUp({ weights, up }: Flips["byFraction"]): (number | null)[] {
  return Array.from(weights, (count, bin) => (count === 0 ? null : (100 * (up[bin] as number)) / count));
}

interface TabProps {
  readonly inspection: Inspection;
  readonly weights: WeightsInspection;
  readonly flips: Flips;
}

/** Where nearest rounding is a step, the method is a slope: the more it matters elsewhere, the flatter. */
export function RoundingCurve({ inspection, flips }: TabProps): React.ReactNode {
  const { t } = useTranslation("inspect");
  const format = useFormat();
  const shares = shareUp(flips.byFraction);
  const bins = shares.length;
  const plot = (frame: Frame) => plotOf(frame, [0, 1], [0, 100]);
  const line = (axes: ReturnType<typeof plot>) =>
    shares.flatMap((share, bin) => (share === null ? [] : [`${axes.x((bin + 0.5) / bins).toFixed(1)} ${axes.y(share).toFixed(1)}`])).join("L");
  return (
    <Figure
      title={t("rounding.curve")}
      note={t("rounding.curveNote")}
      name={`rounding-${fileName(inspection.ask.layer)}`}
      lines={17}
      keys={[
        { text: t("nearest"), colour: "var(--nearest)", mark: "dash" },
        { text: t("reconstructed"), colour: "var(--method)", mark: "dot" },
      ]}
      reading={{
        count: bins,
        pick: (x, _y, frame) => {
          const { left, right } = plot(frame);
          return x < left || x > right ? null : Math.min(bins - 1, Math.floor(((x - left) / (right - left)) * bins));
        },
        say: (bin) =>
          t("rounding.curveSay", {
            from: format.digits(bin / bins),
            to: format.digits((bin + 1) / bins),
            count: flips.byFraction.weights[bin] as number,
            share: shares[bin] === null ? "–" : format.percent(shares[bin] as number),
          }),
      }}
      csv={() =>
        csvOf(
          ["from", "to", "weights", "rounded up", "nearest, percent", "reconstructed, percent"],
          shares.map((share, bin) => [
            bin / bins,
            (bin + 1) / bins,
            flips.byFraction.weights[bin] as number,
            flips.byFraction.up[bin] as number,
            bin < bins / 2 ? 0 : 100,
            share,
          ]),
        )
      }
      draw={(frame, cursor) => {
        const axes = plot(frame);
        const path = line(axes);
        return (
          <>
            <Axes layout={axes} size={frame} titles={{ x: t("rounding.curveX"), y: t("rounding.curveY") }} />
            <path
              d={`M${axes.left} ${axes.y(0)}H${axes.x(0.5)}V${axes.y(100)}H${axes.right}`}
              fill="none"
              stroke="var(--nearest)"
              strokeWidth={2}
              strokeDasharray="4 3"
            />
            {path ? <path d={`M${path}`} fill="none" stroke="var(--method)" strokeWidth={2} strokeLinejoin="round" /> : null}
            {shares.map((share, bin) =>
              share === null ? null : (
                // biome-ignore lint/suspicious/noArrayIndexKey: a twentieth is its place
                <circle key={bin} cx={axes.x((bin + 0.5) / bins)} cy={axes.y(share)} r={3.5} fill="var(--method)" />
              ),
            )}
            <Cursor plot={axes} at={cursor === null ? null : (cursor + 0.5) / bins} />
          </>
        );
      }}
    />
  );
}

/** The kernel as rows of output channels and columns of what each has: [in, kh, kw] flattened as kernels are, [kh, kw, in]. */
export interface FlipMap {
  readonly rows: number;
  readonly columns: number;
  /** Of row r and column c, at r * columns + c. */
  at(index: number): number;
  /** Output channel of a row. */
  channel(row: number): number;
}

export function flipMap({ map, each, byChannel }: Flips): FlipMap | null {
  if (!map) return null;
  if (map.channel !== null)
    return { rows: 1, columns: map.differences.length, at: (index) => map.differences[index] as number, channel: () => map.channel as number };
  const rows = byChannel.length;
  return {
    ...{ rows, columns: each, channel: (row) => row },
    at: (index) => map.differences[(index % each) * rows + Math.floor(index / each)] as number,
  };
}

/** "kernel row 0, column 2, input channel 5". */
export function kernelPlace(shape: readonly number[], place: number): readonly [y: number | null, x: number | null, input: number] {
  if (shape.length < 4) return [null, null, place];
  const [, width, depth] = shape as [number, number, number, number];
  return [Math.floor(place / (width * depth)), Math.floor(place / depth) % width, place % depth];
}

export function FlipsMap({ inspection, weights, flips }: TabProps): React.ReactNode {
  const { t } = useTranslation("inspect");
  const map = flipMap(flips);
  if (!map) return <p>{t("rounding.tooLarge")}</p>;
  const { rows, columns } = map;
  const area = ({ width, height, text }: Frame) => ({ left: 3.4 * text, top: 0.4 * text, right: width - 0.6 * text, bottom: height - 2.2 * text });
  const cells = (frame: Frame, which: (difference: number) => boolean) => {
    const { left, right, top, bottom } = area(frame);
    const [w, h] = [(right - left) / columns, (bottom - top) / rows];
    let path = "";
    for (let i = 0; i < rows * columns; i++)
      if (which(map.at(i)))
        path += `M${(left + (i % columns) * w).toFixed(1)} ${(top + Math.floor(i / columns) * h).toFixed(1)}h${w.toFixed(2)}v${h.toFixed(2)}h${(-w).toFixed(2)}z`;
    return path;
  };
  const say = (index: number) => {
    const [y, x, input] = kernelPlace(weights.shape, index % columns);
    const difference = map.at(index);
    const place =
      y === null
        ? t("rounding.placeLinear", { channel: map.channel(Math.floor(index / columns)), input })
        : t("rounding.place", { channel: map.channel(Math.floor(index / columns)), input, y, x });
    return `${place}: ${difference === 0 ? t("rounding.kept") : difference > 0 ? t("rounding.up", { count: difference }) : t("rounding.down", { count: -difference })}`;
  };
  return (
    <Figure
      title={t("rounding.map")}
      note={t("rounding.mapNote")}
      name={`flips-${fileName(inspection.ask.layer)}`}
      lines={Math.min(34, 8 + rows * 0.8)}
      keys={[
        { text: t("rounding.keyUp"), colour: "var(--method)", mark: "bar" },
        { text: t("rounding.keyDown"), colour: "var(--cool-1)", mark: "bar" },
        { text: t("rounding.keyKept"), colour: "var(--heat-0)", mark: "bar" },
      ]}
      reading={{
        count: rows * columns,
        steps: [1, columns],
        pick: (px, py, frame) => {
          const { left, right, top, bottom } = area(frame);
          const [column, row] = [Math.floor(((px - left) / (right - left)) * columns), Math.floor(((py - top) / (bottom - top)) * rows)];
          return column < 0 || column >= columns || row < 0 || row >= rows ? null : row * columns + column;
        },
        say,
      }}
      csv={() =>
        csvOf(
          ["output channel", "place in the channel", "levels from nearest"],
          Array.from({ length: rows * columns }, (_, i) => [map.channel(Math.floor(i / columns)), i % columns, map.at(i)]),
        )
      }
      draw={(frame, cursor) => {
        const { left, right, top, bottom } = area(frame);
        const [w, h] = [(right - left) / columns, (bottom - top) / rows];
        return (
          <>
            <rect x={left} y={top} width={right - left} height={bottom - top} fill="var(--heat-0)" />
            <path d={cells(frame, (difference) => difference > 0)} fill="var(--method)" />
            <path d={cells(frame, (difference) => difference < 0)} fill="var(--cool-1)" />
            {cursor === null ? null : (
              <rect
                x={left + (cursor % columns) * w - 1}
                y={top + Math.floor(cursor / columns) * h - 1}
                width={w + 2}
                height={h + 2}
                fill="none"
                stroke="var(--ink)"
                strokeWidth={1.5}
              />
            )}
            <g fill="var(--dim)">
              <text x={left - 0.4 * frame.text} y={top + frame.text} textAnchor="end">
                {map.channel(0)}
              </text>
              {rows > 1 ? (
                <text x={left - 0.4 * frame.text} y={bottom} textAnchor="end">
                  {map.channel(rows - 1)}
                </text>
              ) : null}
              <text transform={`translate(${frame.text} ${(top + bottom) / 2}) rotate(-90)`} textAnchor="middle">
                {rows > 4 ? t("channel") : ""}
              </text>
              <text x={(left + right) / 2} y={frame.height - 0.5 * frame.text} textAnchor="middle">
                {weights.shape.length < 4 ? t("rounding.mapXLinear") : t("rounding.mapX")}
              </text>
            </g>
          </>
        );
      }}
    />
  );
}
