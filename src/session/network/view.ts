/** A network as people look at it: its units and layers with shapes, parameters and work. Made by build.ts. */
import type { Shape } from "../../graph/types";
import { type PointName, readBits } from "../../quantize/activation-bits";
import { widthOf } from "../../quantize/layer-widths";
import type { Recipe } from "../recipe/recipe";

export { shortName } from "../../passes/short-name";
export { FLOAT_BITS, widthText } from "../../quantize/layer-widths";

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
  readonly reads: readonly PointName[];
  /** First and last layer are 8 bit unless the recipe says otherwise. */
  readonly position: "first" | "inner" | "last";
}

/** A node of the graph as it is drawn. */
export interface NodeView {
  readonly id: string;
  /** Whether it is a layer, whose view has the same id. */
  readonly layer: boolean;
  /** "ReLU", "add", "conv 3x3". */
  readonly title: string;
  /** Ids of the nodes that it reads; the network's input is "". */
  readonly inputs: readonly string[];
}

export interface UnitView {
  readonly name: string;
  /** Position among the reconstructed units, or null for what is only run. */
  readonly unit: number | null;
  readonly layers: readonly LayerView[];
  /** Operations other than layers, in order. */
  readonly operations: readonly string[];
  /** All its nodes, layers among them, in topological order. */
  readonly nodes: readonly NodeView[];
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

/** Bits of a layer under a recipe's widths, FLOAT_BITS for float. */
export function bitsOf(layer: Pick<LayerView, "id" | "position">, weights: Recipe["weights"]): number {
  return widthOf(layer.id, layer.position !== "inner", weights);
}

/** Bits of what a layer reads under a recipe's activations; FLOAT_BITS where that is not quantized. */
export function inputBitsOf({ reads }: LayerView, { activations, weights }: Pick<Recipe, "activations" | "weights">): number {
  return readBits(reads, activations, weights.overrides);
}
