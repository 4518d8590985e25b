/** A network as people look at it: its units and layers with shapes, parameters and work. */

import { type Graph, isLayer, type Layer, type Node, type Shape, sizeOf } from "../../graph/types";
import { layersOf, shapeOf } from "../../graph/walk";
import { partition, type Segment } from "../../passes/partition";
import { shortName } from "../../passes/short-name";
import type { UnitKind } from "../../passes/unit-kinds";
import { readBits, readsByLayer, type SiteName } from "../../quantize/activations";
import { unitsOf } from "../../quantize/units";
import type { Recipe } from "../recipe/recipe";

export { shortName };

export interface LayerView {
  readonly name: string;
  /** The node's own name, by which a recipe gives bits. */
  readonly id: string;
  readonly kind: string;
  readonly kernel: Shape;
  readonly output: Shape;
  readonly parameters: number;
  /** Multiply-accumulates for one image. */
  readonly macs: number;
  /** The activations that it reads; none where it reads the image. */
  readonly reads: readonly SiteName[];
  /** First and last layer are 8 bit unless the recipe says otherwise. */
  readonly position: "first" | "inner" | "last";
}

export interface UnitView {
  readonly name: string;
  /** Position among the reconstructed units, or null for what is only run. */
  readonly unit: number | null;
  readonly layers: readonly LayerView[];
  /** Operations other than layers, in order. */
  readonly operations: readonly string[];
  readonly output: Shape;
}

export interface NetworkView {
  readonly name: string;
  readonly input: Shape;
  readonly classes: number;
  readonly parameters: number;
  readonly macs: number;
  readonly units: readonly UnitView[];
}

export function macsOf(graph: Graph, layer: Layer): number {
  const { kernel } = layer.operation;
  const output = shapeOf(graph, layer.output);
  const positions = sizeOf(output) / (output.at(-1) as number);
  return positions * sizeOf(kernel.shape);
}

function kindOf({ operation }: Layer): string {
  if (operation.op === "linear") return "linear";
  const [kh, kw, depth] = operation.kernel.shape;
  const sort = operation.groups === 1 ? "conv" : depth === 1 ? "depthwise" : `grouped conv (${operation.groups})`;
  return `${sort} ${kh}x${kw}${operation.strides[0] > 1 ? `, stride ${operation.strides[0]}` : ""}`;
}

const OPERATION_NAMES: Partial<Record<Node["operation"]["op"], string>> = {
  add: "add",
  concat: "concat",
  affine: "batch norm",
  maxPool: "max pool",
  averagePool: "average pool",
  globalAveragePool: "global average pool",
};

function operationName({ operation }: Node): string {
  if (operation.op === "clamp") return operation.low === 0 ? (operation.high === 6 ? "ReLU6" : "ReLU") : "clip";
  return OPERATION_NAMES[operation.op] ?? operation.op;
}

export function viewNetwork(graph: Graph, kind: UnitKind): NetworkView {
  const layers = layersOf(graph);
  const segments = partition(graph, kind);
  const units = unitsOf(graph, segments);
  const reads = readsByLayer(graph);
  const layerView = (layer: Layer): LayerView => ({
    name: shortName(layer.name),
    id: layer.name,
    kind: kindOf(layer),
    kernel: layer.operation.kernel.shape,
    output: shapeOf(graph, layer.output),
    parameters: layer.operation.kernel.data.length + (layer.operation.bias?.data.length ?? 0),
    macs: macsOf(graph, layer),
    reads: reads.get(layer.name) ?? [],
    position: layer === layers[0] ? "first" : layer === layers.at(-1) ? "last" : "inner",
  });
  const unitView = (segment: Segment): UnitView => ({
    name: segment.name,
    unit: units.includes(segment) ? units.indexOf(segment) : null,
    layers: segment.layers.map(layerView),
    operations: segment.nodes.filter((node) => !isLayer(node)).map(operationName),
    output: shapeOf(graph, segment.output),
  });
  const views = segments.map(unitView);
  const all = views.flatMap((unit) => unit.layers);
  return {
    name: graph.name,
    input: shapeOf(graph, graph.input),
    classes: shapeOf(graph, graph.output).at(-1) as number,
    parameters: all.reduce((sum, layer) => sum + layer.parameters, 0),
    macs: all.reduce((sum, layer) => sum + layer.macs, 0),
    units: views,
  };
}

/** Bits of a layer under a recipe's widths. */
export function bitsOf(layer: LayerView, { bits, firstLastBits, assignment }: Recipe["weights"]): number {
  return assignment?.[layer.id] ?? (layer.position === "inner" ? bits : (firstLastBits ?? bits));
}

/** Bits of what a layer reads under a recipe's activations; 32 where they are not quantized. */
export function inputBitsOf({ reads }: LayerView, activations: Recipe["activations"]): number {
  return readBits(reads, activations);
}
