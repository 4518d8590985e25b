/** The charts of one run as SVG, for a report that stands without the page: accuracies, loss curves, bits by layer. */
import { FLOAT_BITS } from "../session/network/view";
import { bitColour } from "./colours";
import { escaped } from "./svg";

/** An SVG with a title and a white ground. */
function drawing(title: string, width: number, height: number, parts: readonly string[]): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" role="img">
<title>${escaped(title)}</title>
<rect width="100%" height="100%" fill="#fff"/>
<text x="8" y="18" font-size="13" font-weight="bold">${escaped(title)}</text>
${parts.join("\n")}
</svg>
`;
}

const [LABEL, BARS, STEP, HEAD] = [190, 380, 26, 30];

/** A bar for each value in percent, from 0 to 100. */
export function percentBars(title: string, rows: readonly { readonly label: string; readonly percent: number }[]): string {
  const bars = rows.map(({ label, percent }, i) => {
    const y = HEAD + i * STEP;
    return `<text x="${LABEL - 8}" y="${y + 14}" text-anchor="end">${escaped(label)}</text>
<rect x="${LABEL}" y="${y}" width="${((BARS * percent) / 100).toFixed(1)}" height="19" fill="#56b4e9"/><text x="${LABEL + BARS + 8}" y="${y + 14}">${percent.toFixed(2)} %</text>`;
  });
  return drawing(title, LABEL + BARS + 80, HEAD + rows.length * STEP + 8, bars);
}

const [WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM] = [650, 280, 64, 30, 12, 40];
const [ROW, LEGEND_COLUMNS] = [17, 3];
const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#999999"];

export interface Curve {
  readonly name: string;
  readonly points: readonly (readonly [iteration: number, loss: number])[];
}

/** Loss over iterations, a line for each curve, both on one logarithmic axis; what is not above 0 has no place there. */
export function lossCurves(title: string, curves: readonly Curve[]): string {
  const drawn = curves.map(({ name, points }) => ({ name, points: points.filter(([, loss]) => loss > 0) })).filter(({ points }) => points.length > 0);
  const all = drawn.flatMap(({ points }) => points);
  const [last, low, high] = all.reduce(
    ([iteration, least, most], [at, loss]) => [Math.max(iteration, at), Math.min(least, loss), Math.max(most, loss)],
    [1, Number.POSITIVE_INFINITY, 0],
  );
  if (all.length === 0) return drawing(title, WIDTH, HEAD + 20, ['<text x="8" y="40">No curves.</text>']);
  const [bottom, top] = [Math.log10(low), Math.log10(high)];
  const x = (iteration: number) => LEFT + (iteration / last) * (WIDTH - LEFT - RIGHT);
  const y = (loss: number) => HEIGHT - BOTTOM - ((Math.log10(loss) - bottom) / (top - bottom || 1)) * (HEIGHT - TOP - BOTTOM);
  const lines = drawn.map(({ name, points }, i) => {
    const path = points.map(([iteration, loss]) => `${x(iteration).toFixed(1)},${y(loss).toFixed(1)}`).join(" ");
    return `<polyline points="${path}" fill="none" stroke="${COLOURS[i % COLOURS.length]}" stroke-width="1.25"><title>${escaped(name)}</title></polyline>`;
  });
  const ticks = [0, 0.5, 1].flatMap((share) => {
    const loss = 10 ** (bottom + share * (top - bottom));
    return [
      `<text x="${LEFT - 6}" y="${(y(loss) + 4).toFixed(1)}" text-anchor="end">${loss.toPrecision(2)}</text>`,
      `<text x="${x(share * last).toFixed(1)}" y="${HEIGHT - BOTTOM + 16}" text-anchor="middle">${Math.round(share * last)}</text>`,
    ];
  });
  const axis = `<path d="M${LEFT} ${TOP}V${HEIGHT - BOTTOM}H${WIDTH - RIGHT}" fill="none" stroke="#999"/><text x="${LEFT}" y="${HEIGHT - 8}" fill="#555">iterations; loss on a logarithmic axis, a line for each unit</text>`;
  const legend = drawn.map(({ name }, i) => {
    const [column, row] = [i % LEGEND_COLUMNS, Math.floor(i / LEGEND_COLUMNS)];
    const [at, below] = [LEFT + (column * (WIDTH - LEFT)) / LEGEND_COLUMNS, HEIGHT + row * ROW];
    return `<path d="M${at.toFixed(1)} ${below}h14" stroke="${COLOURS[i % COLOURS.length]}" stroke-width="2"/><text x="${(at + 18).toFixed(1)}" y="${below + 4}" font-size="11">${escaped(name)}</text>`;
  });
  return drawing(title, WIDTH, HEIGHT + Math.ceil(drawn.length / LEGEND_COLUMNS) * ROW, [axis, ...ticks, ...lines, ...legend]);
}

/** A bar for each layer as long as its weights are wide, in the colour of its width; one in float is as long as one of 8 bit. */
export function bitBars(title: string, layers: readonly { readonly name: string; readonly bits: number }[]): string {
  const each = 34;
  const left = 280;
  const bars = layers.map(({ name, bits }, i) => {
    const y = HEAD + i * ROW;
    const width = each * Math.min(bits, 8);
    return `<text x="${left - 8}" y="${y + 12}" text-anchor="end" font-size="11">${escaped(name)}</text><rect x="${left}" y="${y}" width="${width}" height="${ROW - 3}" fill="${bitColour(bits)}" stroke="#999" stroke-width="0.5"/><text x="${left + width + 6}" y="${y + 12}" font-size="11">${bits === FLOAT_BITS ? "float" : bits}</text>`;
  });
  return drawing(title, left + 8 * each + 40, HEAD + layers.length * ROW + 8, bars);
}
