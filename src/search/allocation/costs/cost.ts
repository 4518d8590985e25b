/** The shape of a cost model: what a layer costs at given widths; a network costs the sum. */

import { macsOf } from "../../../graph/macs";
import { layersOf, shapeOf } from "../../../graph/queries";
import type { Graph, Layer } from "../../../graph/types";
import { sizeOf } from "../../../graph/types";
import { FIRST_LAST_BITS } from "../../../quantize/settings";
import type { CostTerm } from "../problem";

/** What cost models look at. */
export interface LayerShape {
  readonly name: string;
  readonly kind: "conv" | "depthwise" | "linear";
  /** Input height, width and channels; 1, 1 and features for a linear layer. */
  readonly input: readonly [number, number, number];
  readonly output: readonly [number, number, number];
  readonly kernel: readonly [number, number];
  readonly groups: number;
  readonly parameters: number;
  /** Multiply-accumulates for one image. */
  readonly macs: number;
}

export interface CostModel {
  readonly name: string;
  /** As people write it: "MB", "GBOPs", "ms". */
  readonly unit: string;
  /** How far the number may be believed. */
  readonly origin: string;
  /** Of one layer, in the unit. @param activations bits of the layer's input, 32 for full precision */
  cost(layer: LayerShape, weights: number, activations: number): number;
}

export function layerShapes(graph: Graph): LayerShape[] {
  return layersOf(graph).map((layer) => layerShape(graph, layer));
}

function layerShape(graph: Graph, layer: Layer): LayerShape {
  const { name, inputs, output, operation } = layer;
  const three = (shape: readonly number[]) =>
    (shape.length === 3 ? shape : [1, 1, shape[0] as number]) as unknown as readonly [number, number, number];
  const out = three(shapeOf(graph, output));
  const { kernel } = operation;
  const parameters = sizeOf(kernel.shape);
  const groups = operation.op === "conv2d" ? operation.groups : 1;
  return {
    name,
    kind: operation.op === "linear" ? "linear" : groups > 1 && kernel.shape[2] === 1 ? "depthwise" : "conv",
    input: three(shapeOf(graph, inputs[0] as string)),
    output: out,
    kernel: operation.op === "linear" ? [1, 1] : [kernel.shape[0] as number, kernel.shape[1] as number],
    groups,
    parameters,
    macs: macsOf(graph, layer),
  };
}

/** The terms of a network's cost. @param inputs for each layer the bits of what it reads, or the variables where they are searched */
export function costTerms(model: CostModel, shapes: readonly LayerShape[], inputs: readonly (readonly number[] | number)[]): CostTerm[] {
  return shapes.map((shape, weights) => {
    const given = inputs[weights] as readonly number[] | number;
    const read = typeof given === "number" ? [] : given;
    // A layer that reads the image alone reads whole bytes.
    const otherwise = typeof given === "number" ? given : FIRST_LAST_BITS;
    return { weights, inputs: read, cost: (bits, activations) => model.cost(shape, bits, activations || otherwise) };
  });
}
