/**
 * Measured accuracy against cost as SVG: mixed precision, uniform widths and HAWQ-V2's choices, with the spread over
 * seeds. Accuracy is top-1 where every row has it, agreement with full precision otherwise.
 */

import type { Mean, ResultRow } from "../session/experiments/results";
import type { Sweep, SweepKind } from "../session/experiments/sweep";
import { escaped } from "./svg";

const [WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM] = [640, 340, 64, 44, 20, 46];
const LOOKS: Readonly<Record<SweepKind, readonly [name: string, colour: string]>> = {
  uniform: ["uniform", "#d55e00"],
  mixed: ["mixed", "#0072b2"],
  hawq: ["HAWQ-V2", "#009e73"],
  random: ["random", "#999999"],
};

interface Dot {
  readonly kind: SweepKind;
  readonly label: string;
  readonly cost: number;
  readonly accuracy: Mean;
}

/** The chart, and how many points are on it; null while nothing is measured. */
export function sweepChart(
  { points, cost: { name, unit } }: Sweep,
  rows: readonly ResultRow[],
): { readonly svg: string; readonly points: number } | null {
  const labelled = rows.every(({ top1, seeds }) => seeds.length === 0 || top1 !== null);
  const dots = points.flatMap(({ label, row: own, kind, cost }): Dot[] => {
    const row = rows.find((one) => one.label === own);
    return row && row.seeds.length > 0 && cost !== null ? [{ label, kind, cost, accuracy: labelled ? (row.top1 as Mean) : row.agreement }] : [];
  });
  if (dots.length === 0) return null;
  const reach = ({ accuracy: { mean, spread } }: Dot) => [mean - (spread ?? 0), mean + (spread ?? 0)] as const;
  const [low, high] = [Math.min(...dots.map((dot) => reach(dot)[0])), Math.max(...dots.map((dot) => reach(dot)[1]))];
  const [cheap, dear] = [Math.min(...dots.map(({ cost }) => cost)), Math.max(...dots.map(({ cost }) => cost))];
  const x = (cost: number) => LEFT + ((cost - cheap) / (dear - cheap || 1)) * (WIDTH - LEFT - RIGHT - 20) + 10;
  const y = (value: number) => HEIGHT - BOTTOM - ((value - low) / (high - low || 1)) * (HEIGHT - TOP - BOTTOM - 20) - 10;
  const kinds = (["uniform", "mixed", "hawq"] as const).filter((kind) => dots.some((dot) => dot.kind === kind));
  const series = kinds.map((kind) => {
    const own = dots.filter((dot) => dot.kind === kind).sort((a, b) => a.cost - b.cost);
    const colour = LOOKS[kind][1];
    const line = own.map(({ cost, accuracy }) => `${x(cost).toFixed(1)},${y(accuracy.mean).toFixed(1)}`).join(" ");
    const marks = own.map((dot) => {
      const [from, to] = reach(dot);
      const at = x(dot.cost).toFixed(1);
      return `<path d="M${at} ${y(from).toFixed(1)}V${y(to).toFixed(1)}" stroke="${colour}"/><circle cx="${at}" cy="${y(dot.accuracy.mean).toFixed(1)}" r="4" fill="${colour}"><title>${escaped(dot.label)}: ${dot.accuracy.mean.toFixed(2)} %</title></circle>`;
    });
    return `<polyline points="${line}" fill="none" stroke="${colour}" stroke-width="1.5"/>${marks.join("")}`;
  });
  const ticks = [0, 0.25, 0.5, 0.75, 1].flatMap((share) => {
    const [cost, value] = [cheap + share * (dear - cheap), low + share * (high - low)];
    return [
      `<text x="${x(cost).toFixed(1)}" y="${HEIGHT - BOTTOM + 16}" text-anchor="middle">${Number(cost.toPrecision(3))}</text>`,
      `<text x="${LEFT - 8}" y="${(y(value) + 4).toFixed(1)}" text-anchor="end">${value.toFixed(1)}</text>`,
    ];
  });
  const legend = kinds.map(
    (kind, i) => `<text x="${WIDTH - RIGHT - 90 * (kinds.length - i)}" y="36" fill="${LOOKS[kind][1]}">● ${LOOKS[kind][0]}</text>`,
  );
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" font-family="sans-serif" font-size="12">
<title>Accuracy against cost</title>
<rect width="100%" height="100%" fill="#fff"/>
<text x="12" y="18" font-size="14" font-weight="bold">${labelled ? "Top-1" : "Agreement with full precision"}, %, against ${escaped(name)}, ${escaped(unit)}</text>
<path d="M${LEFT} ${TOP}V${HEIGHT - BOTTOM}H${WIDTH - RIGHT}" stroke="#888" fill="none"/>
${[...legend, ...ticks, ...series].join("\n")}
</svg>
`;
  return { svg, points: dots.filter(({ kind }) => kind !== "random").length };
}
