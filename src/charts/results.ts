/** The chart of an experiment as SVG: a bar for each row's mean, with the spread over seeds. */

import type { Mean, ResultRow } from "../session/experiments/results";
import { escaped } from "./svg";

const [LEFT, WIDTH, RIGHT, STEP, TOP] = [300, 420, 90, 26, 48];

/** The axis starts where it shows differences: at a multiple of ten below the lowest value. */
export function resultsChart(title: string, rows: readonly ResultRow[]): string {
  const measured = rows.filter(({ seeds }) => seeds.length > 0);
  const meanOfRow = ({ top1, agreement }: ResultRow): Mean => top1 ?? agreement;
  const what = measured.every(({ top1 }) => top1) ? "top-1" : "agreement with full precision";
  const least = Math.min(...measured.map((row) => meanOfRow(row).mean - (meanOfRow(row).spread ?? 0)));
  const from = Math.max(0, Math.floor((least - 1) / 10) * 10);
  const at = (value: number) => LEFT + ((Math.min(100, Math.max(from, value)) - from) / (100 - from)) * WIDTH;
  const bars = measured.map((row, i) => {
    const { mean, spread } = meanOfRow(row);
    const y = TOP + i * STEP;
    const whisker =
      spread === null ? "" : `<path d="M${at(mean - spread).toFixed(1)} ${y + 9}H${at(mean + spread).toFixed(1)}" stroke="#222" stroke-width="1.5"/>`;
    const text = `${mean.toFixed(2)}${spread === null ? "" : ` ± ${spread.toFixed(2)}`}`;
    return `<text x="${LEFT - 8}" y="${y + 13}" text-anchor="end">${escaped(row.label)}</text>
<rect x="${LEFT}" y="${y}" width="${(at(mean) - LEFT).toFixed(1)}" height="18" fill="#56b4e9"/>
${whisker}<text x="${LEFT + WIDTH + 8}" y="${y + 13}">${text}</text>`;
  });
  const height = TOP + measured.length * STEP + 12;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${LEFT + WIDTH + RIGHT}" height="${height}" font-family="sans-serif" font-size="12">
<title>${escaped(title)}</title>
<rect width="100%" height="100%" fill="#fff"/>
<text x="12" y="20" font-size="14" font-weight="bold">${escaped(title)}</text>
<text x="${LEFT}" y="38" fill="#555">${what} in %, from ${from}; mean and standard deviation over seeds</text>
${bars.join("\n")}
</svg>
`;
}
