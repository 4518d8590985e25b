/** Part of a network as engine steps over a batch. */
import { fuse } from "../engine/fuse";
import type { ProgramBuilder } from "../engine/program";
import type { Step } from "../engine/steps";
import { type Graph, type Node, sizeOf, type ValueId } from "../graph/types";
import { shapeOf } from "../graph/walk";
import { lowerNode } from "../operators";

/** Kernels that replace a layer's own, by node name. */
export type Kernels = ReadonlyMap<string, Float32Array>;

export interface Lowered {
  readonly steps: Step[];
  /** Buffer of each value that the nodes make. */
  readonly buffers: ReadonlyMap<ValueId, string>;
  /** What to write to the parameters' buffers once the program is compiled. */
  readonly parameters: ReadonlyMap<string, Float32Array>;
}

export interface LowerOptions {
  readonly builder: ProgramBuilder;
  readonly graph: Graph;
  readonly nodes: readonly Node[];
  readonly batch: number;
  /** Buffers of the values that come from outside. */
  readonly inputs: ReadonlyMap<ValueId, string>;
  /** Values that must not be fused away. */
  readonly keep: readonly ValueId[];
  readonly kernels: Kernels;
  /** Buffers that stand in for a layer's kernel, by node name: soft weights in reconstruction. */
  readonly kernelBuffers?: ReadonlyMap<string, string>;
}

export function lowerNodes(options: LowerOptions): Lowered {
  const { builder, graph, nodes, batch, inputs, kernels, kernelBuffers } = options;
  const buffers = new Map(inputs);
  const parameters = new Map<string, Float32Array>();
  const before = builder.steps.length;
  for (const node of nodes) {
    const out = builder.temp(node.output, batch * sizeOf(shapeOf(graph, node.output)));
    buffers.set(node.output, out);
    lowerNode({
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
        const stand = name === "kernel" ? kernelBuffers?.get(node.name) : undefined;
        if (stand !== undefined) return stand;
        const buffer = builder.host(`${node.name}.${name}`, values.length);
        parameters.set(buffer, (name === "kernel" && kernels.get(node.name)) || values);
        return buffer;
      },
    });
  }
  const steps = builder.steps.splice(before);
  const keep = new Set(options.keep.map((value) => buffers.get(value) as string));
  return { steps: fuse(steps, keep), buffers, parameters };
}
