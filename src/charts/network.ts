/**
 * A network painted with its bits, to take away: units as boxes in reading order, layers as bars in the colour of their
 * weights' width. The page's drawing shows the same colours; the files here stand without the page.
 */
import Papa from "papaparse";
import { bitsOf, FLOAT_BITS, inputBitsOf, type LayerView, type NetworkView, type UnitView, widthText } from "../session/network/view";
import type { Recipe } from "../session/recipe/recipe";
import { bitColour } from "./colours";
import { escaped } from "./svg";

type Widths = Pick<Recipe, "weights" | "activations">;

const [COLUMNS, BOX, GAP, BAR, HEAD, TOP, MARGIN] = [6, 150, 18, 32, 20, 34, 12];

/** "W4", or "W float". */
const short = (what: "W" | "A", bits: number) => (bits === FLOAT_BITS ? `${what} float` : `${what}${bits}`);

/** As SVG. */
export function networkSvg(network: NetworkView, recipe: Widths): string {
  const { weights, activations } = recipe;
  const units = network.units.filter(({ layers }) => layers.length > 0);
  const bar = (layer: LayerView, x: number, y: number) => {
    const own = bitsOf(layer, weights);
    const read = activations ? ` ${short("A", inputBitsOf(layer, recipe))}` : "";
    const words = `${layer.name}: ${layer.parameters} parameters, ${layer.macs} multiply-accumulates`;
    return `<rect x="${x + 5}" y="${y}" width="${BOX - 10}" height="${BAR - 4}" rx="3" fill="${bitColour(own)}"><title>${escaped(words)}</title></rect>
<text x="${x + 10}" y="${y + 12}">${escaped(layer.kind)}, ${layer.kernel.at(-1)}</text><text x="${x + 10}" y="${y + 24}" font-weight="bold">${short("W", own)}${read}</text>`;
  };
  const heightOf = ({ layers }: UnitView) => HEAD + layers.length * BAR + 2;
  const boxes: string[] = [];
  let y = TOP;
  for (let start = 0; start < units.length; start += COLUMNS) {
    const row = units.slice(start, start + COLUMNS);
    for (const [column, unit] of row.entries()) {
      const x = MARGIN + column * (BOX + GAP);
      const arrow = column + 1 < row.length ? `<text x="${x + BOX + 4}" y="${y + 15}" fill="#666">→</text>` : "";
      boxes.push(
        `<rect x="${x}" y="${y}" width="${BOX}" height="${heightOf(unit)}" rx="4" fill="#fff" stroke="#999"/>
<text x="${x + 6}" y="${y + 14}">${escaped(unit.name)}</text>${arrow}
${unit.layers.map((layer, i) => bar(layer, x, y + HEAD + i * BAR)).join("\n")}`,
      );
    }
    y += Math.max(...row.map(heightOf)) + GAP;
  }
  const used = [...new Set(units.flatMap(({ layers }) => layers.map((layer) => bitsOf(layer, weights))))].sort((a, b) => a - b);
  const legend = used.map((bits, i) => {
    const x = MARGIN + i * 60;
    return `<rect x="${x}" y="${y}" width="14" height="14" fill="${bitColour(bits)}"/><text x="${x + 20}" y="${y + 11}">${widthText(bits)}</text>`;
  });
  const width = 2 * MARGIN + COLUMNS * (BOX + GAP) - GAP;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${y + 26}" font-family="sans-serif" font-size="11">
<title>Bits of ${escaped(network.name)}</title>
<rect width="100%" height="100%" fill="#fff"/>
<text x="${MARGIN}" y="20" font-size="14" font-weight="bold">${escaped(network.name)}: bits of each layer's weights${activations ? " and of what it reads" : ""}</text>
${[...boxes, ...legend].join("\n")}
</svg>
`;
}

/** As comma-separated values with a header: a line for each layer; 32 bit is float. */
export function networkCsv(network: NetworkView, recipe: Widths): string {
  const header = ["unit", "layer", "kind", "parameters", "multiplyAccumulates", "weightBits", "inputBits"];
  const lines = network.units.flatMap((unit) =>
    unit.layers.map((layer) => [
      ...[unit.name, layer.id, layer.kind, layer.parameters, layer.macs],
      ...[bitsOf(layer, recipe.weights), recipe.activations ? inputBitsOf(layer, recipe) : ""],
    ]),
  );
  return `${Papa.unparse([header, ...lines], { newline: "\n" })}\n`;
}
