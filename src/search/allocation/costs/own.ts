/**
 * A cost table of one's own, as JSON ({ "unit": "ms", "layers": { "layer1.0/conv1": { "2": 0.1, "8": 0.3 } } }) or CSV (a
 * header "layer,2,4,8", then a line for each layer). A width between two that are given costs what lies on the line
 * between them; one beyond them, and a layer that is missing, are refused. Layers that the network lacks are passed over.
 */

import Papa from "papaparse";
import { BadInput } from "../../../base/errors";
import { z } from "../../../base/zod";
import { shortName } from "../../../passes/short-name";
import type { CostModel } from "./cost";

/** Sums of costs stay numbers. */
const MOST = 1e15;

const schema = z.strictObject({
  unit: z.string().min(1).default("cost"),
  layers: z.record(z.string(), z.record(z.string().regex(/^\d+$/, "expected a number of bits"), z.number().min(0).max(MOST))),
});

export function ownTable(text: string, source: string): CostModel {
  const { unit, layers } = text.trimStart().startsWith("{") ? fromJson(text, source) : fromCsv(text, source);
  const tables = new Map(
    Object.entries(layers).map(([name, costs]) => [
      name,
      Object.entries(costs)
        .map(([bits, cost]) => [Number(bits), cost] as const)
        .sort((a, b) => a[0] - b[0]),
    ]),
  );
  return {
    name: `table:${source}`,
    unit,
    origin: `the table ${source}; widths between two given ones are interpolated`,
    cost({ name }, weights) {
      const points = tables.get(name) ?? tables.get(shortName(name));
      if (!points)
        throw new BadInput(`${source} has no costs for layer "${shortName(name)}"; it names ${[...tables.keys()].slice(0, 4).join(", ")}…`);
      const above = points.find(([bits]) => bits >= weights);
      const below = points.findLast(([bits]) => bits <= weights);
      if (!above || !below)
        throw new BadInput(
          `${source} has no cost of layer "${shortName(name)}" at ${weights} bit: it goes from ${points[0]?.[0]} to ${points.at(-1)?.[0]} bit.`,
        );
      if (above[0] === below[0]) return above[1];
      return below[1] + ((above[1] - below[1]) * (weights - below[0])) / (above[0] - below[0]);
    },
  };
}

type Costs = z.infer<typeof schema>;

function fromJson(text: string, source: string): Costs {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new BadInput(`${source} is not JSON; expected { "unit": "ms", "layers": { "name": { "2": 0.1, "8": 0.3 } } }.`);
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new BadInput(`${source}: ${issue?.path.join(".") || "the table"} is not valid: ${issue?.message}.`);
}

function fromCsv(text: string, source: string): Costs {
  const { data, errors } = Papa.parse<string[]>(text.trimEnd());
  const broken = errors.find(({ type }) => type === "Quotes");
  if (broken) throw new BadInput(`${source}, line ${(broken.row ?? 0) + 1}: ${broken.message}.`);
  const lines = data.map((cells) => cells.map((cell) => cell.trim()));
  const widths = (lines[0] ?? []).slice(1);
  if (widths.length === 0 || !widths.every((width) => /^\d+$/.test(width)))
    throw new BadInput(`${source}: the first line must be "layer" and then widths in bits, for example "layer,2,4,8".`);
  const twice = widths.find((width, i) => widths.findIndex((other) => Number(other) === Number(width)) < i);
  if (twice !== undefined) throw new BadInput(`${source}, line 1: duplicate bit width ${twice}.`);
  const layers: Costs["layers"] = {};
  lines.slice(1).forEach(([name = "", ...cells], i) => {
    if (name === "" && cells.every((cell) => cell === "")) return;
    if (cells.length !== widths.length)
      throw new BadInput(`${source}, line ${i + 2}: ${cells.length} costs for ${widths.length} widths; a name with a comma stands in double quotes.`);
    if (Object.hasOwn(layers, name)) throw new BadInput(`${source}, line ${i + 2}: layer "${name}" has costs in a line above already.`);
    const costs = cells.map((cell) => (cell === "" ? Number.NaN : Number(cell)));
    const bad = costs.findIndex((cost) => !(cost >= 0 && cost <= MOST));
    if (bad >= 0)
      throw new BadInput(`${source}, line ${i + 2}, ${widths[bad]} bit: "${cells[bad]}" is not a cost; expected a number from 0 to ${MOST}.`);
    layers[name] = Object.fromEntries(widths.map((width, j) => [width, costs[j] as number]));
  });
  return { unit: "cost", layers };
}
