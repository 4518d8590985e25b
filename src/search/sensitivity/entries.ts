/**
 * What a sensitivity table is measured from: entries, each some widths in one block (a layer at a width, a pair or a
 * larger group at the lowest, an activation at a width), with a name under which its loss is kept. A measurement that was stopped goes on
 * with the entries that it lacks.
 */

import { layersOf } from "../../graph/queries";
import type { Graph, Layer, ValueId } from "../../graph/types";
import type { Segment } from "../../passes/partition";
import type { QuantizationPoint } from "../../passes/quantization-points";
import { fixedBits } from "../../quantize/activation-bits";
import { quantizedPoints } from "../../quantize/activations";
import { FLOAT_BITS, overrideOf, type WeightWidths } from "../../quantize/layer-widths";
import { FIRST_LAST_BITS } from "../../quantize/settings";
import type { ActivationSensitivity, LayerGroup, LayerSensitivity, Pair, SensitivityTable } from "./table";

export interface Entry {
  readonly key: string;
  readonly block: Segment;
  readonly layers: ReadonlyMap<Layer, number>;
  /** Values that are rounded to `bits`. */
  readonly activation: { readonly values: readonly ValueId[]; readonly bits: number } | null;
}

export interface Plan {
  readonly entries: readonly Entry[];
  /** What HAWQ-V2 predicts for each layer and width. */
  readonly predictions: readonly { readonly key: string; readonly layer: Layer; readonly bits: number }[];
  /** The table as far as it is measured: what is missing counts as 0. */
  table(known: ReadonlyMap<string, number>): SensitivityTable;
}

export interface PlanOptions {
  readonly graph: Graph;
  readonly segments: readonly Segment[];
  /** Widths of weights, ascending. */
  readonly bits: readonly number[];
  /** By which layers have a fixed width: the first and the last, unless `firstLastBits` is null, and those that are overridden. */
  readonly weights: Pick<WeightWidths, "firstLastBits" | "overrides">;
  /** Widths of activations; null where they are not searched. */
  readonly activations: { readonly bits: readonly number[]; readonly lastInputBits: 8 | null } | null;
}

export function planEntries({ graph, segments, bits, weights, activations }: PlanOptions): Plan {
  const { firstLastBits = FIRST_LAST_BITS, overrides } = weights;
  const layers = layersOf(graph);
  const fixedOf = (layer: Layer) => overrideOf(layer.name, overrides) ?? (layer === layers[0] || layer === layers.at(-1) ? firstLastBits : null);
  const widthsOf = (fixed: number | null, widths: readonly number[]) => (fixed === null ? widths : [fixed]);
  /** What stays in float loses nothing: there is nothing to measure. */
  const measuredOf = (layer: Layer) => widthsOf(fixedOf(layer), bits).filter((width) => width !== FLOAT_BITS);
  const lowest = bits[0] as number;
  const read = readIn(segments, activations ? groupsOf(quantizedPoints(graph, overrides)) : []);
  const activationBits = activations?.bits ?? [];
  const fixedAt = ({ points }: PointGroup) => {
    const widths = points.map((point) => fixedBits(point, activations ? activations.lastInputBits : FIRST_LAST_BITS));
    return widths.every((width) => width !== null) ? (widths[0] as number) : null;
  };

  const single = (block: Segment, layer: Layer, width: number) => entryOf(block, new Map([[layer, width]]));
  const joint = (block: Segment, group: readonly Layer[]) => entryOf(block, new Map(group.map((layer) => [layer, lowest])));
  const rounded = (block: Segment, { points }: PointGroup, width: number): Entry => {
    const values = points.map(({ value }) => value);
    return { key: `in:${values.join("+")}@${width}`, block, layers: new Map(), activation: { values, bits: width } };
  };
  const freeIn = ({ layers: own }: Segment) => own.filter((layer) => fixedOf(layer) === null);
  const pairsIn = (block: Segment) => subsetsOf(freeIn(block), 2) as [Layer, Layer][];
  const groupsIn = (block: Segment) => largerGroups(freeIn(block));
  const entries = segments.flatMap((block) => [
    ...block.layers.flatMap((layer) => measuredOf(layer).map((width) => single(block, layer, width))),
    ...[...pairsIn(block), ...groupsIn(block)].map((group) => joint(block, group)),
    ...(read.get(block) ?? []).flatMap((group) => widthsOf(fixedAt(group), activationBits).map((width) => rounded(block, group, width))),
  ]);
  const predictionOf = (layer: Layer) => (width: number) => ({ key: `hawq:${layer.name}@${width}`, layer, bits: width });
  return {
    entries,
    predictions: layers.flatMap((layer) => measuredOf(layer).map(predictionOf(layer))),
    table(known) {
      const at = ({ key }: Pick<Entry, "key">) => known.get(key) ?? 0;
      const table = { layers: [] as LayerSensitivity[], pairs: [] as Pair[], groups: [] as LayerGroup[], activations: [] as ActivationSensitivity[] };
      for (const block of segments) {
        for (const layer of block.layers) {
          const fixed = fixedOf(layer);
          const losses = widthsOf(fixed, bits).map((width) => at(single(block, layer, width)));
          const hawq = widthsOf(fixed, bits).map((width) => at(predictionOf(layer)(width)));
          table.layers.push({ name: layer.name, block: block.name, losses, fixed, hawq });
        }
        for (const [a, b] of pairsIn(block)) table.pairs.push({ a: a.name, b: b.name, joint: at(joint(block, [a, b])) });
        for (const group of groupsIn(block)) table.groups.push({ layers: group.map(({ name }) => name), joint: at(joint(block, group)) });
        for (const group of read.get(block) ?? []) {
          const fixed = fixedAt(group);
          const losses = widthsOf(fixed, activationBits).map((width) => at(rounded(block, group, width)));
          table.activations.push({ name: group.name, readers: group.readers, block: block.name, losses, fixed });
        }
      }
      const place = new Map(layers.map(({ name }, i) => [name, i]));
      table.layers.sort((a, b) => (place.get(a.name) as number) - (place.get(b.name) as number));
      return { bits, activationBits, ...table };
    },
  };
}

function entryOf(block: Segment, layers: ReadonlyMap<Layer, number>): Entry {
  return { key: [...layers].map(([{ name }, bits]) => `${name}@${bits}`).join("+"), block, layers, activation: null };
}

/** Sites of one name: one variable, since a recipe gives them bits together. */
interface PointGroup {
  readonly name: string;
  readonly readers: readonly string[];
  readonly points: readonly QuantizationPoint[];
}

function groupsOf(points: readonly QuantizationPoint[]): PointGroup[] {
  const names = [...new Set(points.map(({ name }) => name))];
  return names.map((name) => {
    const own = points.filter((point) => point.name === name);
    return { name, points: own, readers: [...new Set(own.flatMap(({ readers }) => readers.map((reader) => reader.name)))] };
  });
}

/** The activations of each segment that are first read there. */
function readIn(segments: readonly Segment[], groups: readonly PointGroup[]): Map<Segment, PointGroup[]> {
  const found = new Map<Segment, PointGroup[]>();
  for (const group of groups) {
    const values = group.points.map(({ value }) => value);
    const segment = segments.find(({ nodes }) => nodes.some(({ inputs }) => inputs.some((value) => values.includes(value))));
    if (segment) found.set(segment, [...(found.get(segment) ?? []), group]);
  }
  return found;
}

/** Groups of more than two layers that are measured in one block at most. */
const MOST_GROUPS = 16;

/**
 * Groups of three and more, smaller ones first: every group of each size as long as all together are no more than
 * MOST_GROUPS (all groups of blocks of up to five layers; larger blocks have their pairs alone).
 */
function largerGroups<T>(list: readonly T[]): T[][] {
  const found: T[][] = [];
  for (let size = 3; size <= list.length; size++) {
    if (found.length + binomial(list.length, size) > MOST_GROUPS) break;
    found.push(...subsetsOf(list, size));
  }
  return found;
}

function binomial(n: number, k: number): number {
  let value = 1;
  for (let i = 1; i <= k; i++) value = (value * (n - k + i)) / i;
  return value;
}

/** All subsets of a size, in order. */
function subsetsOf<T>(list: readonly T[], size: number): T[][] {
  if (size === 0) return [[]];
  return list.flatMap((first, i) => subsetsOf(list.slice(i + 1), size - 1).map((rest) => [first, ...rest]));
}
