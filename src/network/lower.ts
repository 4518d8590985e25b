/** Part of a network as engine steps over a batch. */
import { fuse } from "../engine/fuse";
import type { ProgramBuilder } from "../engine/program";
import type { Draw, Step } from "../engine/steps";
import { shapeOf } from "../graph/queries";
import { type Graph, type Node, sizeOf, type ValueId } from "../graph/types";
import { lowerNode } from "../operators";
import type { Overrides, Quantizers } from "./quantized";

/** The buffer of all quantizers of a program: scales, then zero points, in `Lowered.quantized`'s order. */
export const QUANTIZERS = "quantizers";

export interface Lowered {
  readonly steps: Step[];
  /** Buffer of each value that the nodes make, after its quantizer. */
  readonly buffers: ReadonlyMap<ValueId, string>;
  /** What to write to the parameters' buffers once the program is compiled. */
  readonly parameters: ReadonlyMap<string, Float32Array>;
  /** The values that are quantized. */
  readonly quantized: readonly ValueId[];
}

export interface LowerOptions extends Overrides {
  readonly builder: ProgramBuilder;
  readonly graph: Graph;
  readonly nodes: readonly Node[];
  readonly batch: number;
  /** Buffers of the values that come from outside. */
  readonly inputs: ReadonlyMap<ValueId, string>;
  /** Values that must not be fused away. */
  readonly keep: readonly ValueId[];
  /** Buffers that stand in for a layer's kernel or bias, by node name: what is trained in reconstruction. */
  readonly kernelBuffers?: ReadonlyMap<string, string>;
  readonly biasBuffers?: ReadonlyMap<string, string>;
  /** How activations are left as they are at random (QDrop), by value. */
  readonly drop?: ((value: ValueId) => Draw) | null;
  /** Whether a scale's gradient is divided by sqrt(numbers * levels) (LSQ, section 2.2). */
  readonly scaledGradients?: boolean;
}

export function lowerNodes(options: LowerOptions): Lowered {
  const { builder, graph, nodes, batch, inputs, kernels, biases, kernelBuffers, biasBuffers } = options;
  const buffers = new Map(inputs);
  const parameters = new Map<string, Float32Array>();
  const before = builder.steps.length;
  const quantize = quantizing(options, parameters);
  for (const node of nodes) {
    const out = builder.temp(node.output, batch * sizeOf(shapeOf(graph, node.output)));
    const made = lowerNode({
      builder,
      batch,
      node,
      out,
      buffer(value) {
        const buffer = buffers.get(value);
        if (buffer === undefined) throw new Error(`Value ${value} is read before it is made`);
        return buffer;
      },
      shape: (value) => shapeOf(graph, value),
      parameter(name, values) {
        const stand = name === "kernel" ? kernelBuffers?.get(node.name) : name === "bias" ? biasBuffers?.get(node.name) : undefined;
        if (stand !== undefined) return stand;
        const buffer = builder.host(`${node.name}.${name}`, values.length);
        const own = name === "kernel" ? kernels.get(node.name) : name === "bias" ? biases?.get(node.name) : undefined;
        parameters.set(buffer, own ?? values);
        return buffer;
      },
    });
    buffers.set(node.output, quantize.apply(node.output, made));
  }
  const steps = builder.steps.splice(before);
  const keep = new Set(options.keep.map((value) => buffers.get(value) as string));
  return { steps: fuse(steps, keep), buffers, parameters, quantized: quantize.values };
}

/** The quantizers of the values that the nodes make: one buffer for all, a step for each. */
function quantizing(options: LowerOptions, parameters: Map<string, Float32Array>): { values: ValueId[]; apply(value: ValueId, x: string): string } {
  const { builder, graph, nodes, batch, quantizers = new Map() as Quantizers, drop, scaledGradients } = options;
  const values = nodes.map(({ output }) => output).filter((value) => quantizers.has(value));
  if (values.length === 0) return { values, apply: (_value, x) => x };
  const layerQParams = values.map((value) => quantizers.get(value) as NonNullable<ReturnType<Quantizers["get"]>>);
  builder.host(QUANTIZERS, 2 * values.length);
  parameters.set(QUANTIZERS, Float32Array.from([...layerQParams.map(({ scale }) => scale), ...layerQParams.map(({ zero }) => zero)]));
  return {
    values,
    apply(value, x) {
      const index = values.indexOf(value);
      if (index < 0) return x;
      const size = batch * sizeOf(shapeOf(graph, value));
      const levels = 2 ** (layerQParams[index] as { bits: number }).bits;
      builder.step({
        op: "fakeQuantize",
        x,
        out: builder.temp(`${value}.quantized`, size),
        quantizers: QUANTIZERS,
        index,
        count: values.length,
        size,
        levels,
        drop: drop?.(value) ?? null,
        gradientScale: scaledGradients ? 1 / Math.sqrt(size * (levels - 1)) : 1,
      });
      return (builder.steps.at(-1) as { out: string }).out;
    },
  };
}
