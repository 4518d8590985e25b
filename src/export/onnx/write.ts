/**
 * A quantized network as an ONNX file: node by node in order, each by the writer of its operator. A network without
 * quantizers gives the full-precision file. Nodes keep their names; so do inputs, outputs and parameters where the network
 * was read from a file that names them.
 */
import { type Graph, isLayer, type Node, type ValueId } from "../../graph/types";
import type { QuantizedNetwork } from "../../quantize/methods/method";
import { levelsOf } from "../../quantize/quantizer";
import { biasOf, type ParameterNames, parameterNames } from "../artifact";
import type { OnnxContainer } from "../catalog";
import { codesOf } from "../codes";
import { nameOf, take } from "../names";
import { spreadBefore } from "../transposed";
import { contain } from "./containers";
import { Emitter, ordered } from "./emitter";
import { modelBytes, valueProto } from "./proto";
import { parametersOf, type QuantizedLayer, quantizedActivation } from "./quantize";
import { type Made, Site } from "./writer";
import { writerOf } from "./writers";

export interface OnnxOptions {
  /** Layers of at most as many bits are stored in it, wider ones in the next that holds them; int8 by default. */
  readonly container?: OnnxContainer;
  /** Goes into metadata_props beside the bits of every layer and activation. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** The bytes of an .onnx file. @throws BadInput where ONNX has no operator for a node */
export function writeOnnx(network: QuantizedNetwork, { container = "int8", metadata = {} }: OnnxOptions = {}): Uint8Array {
  const { graph, quantizers } = network;
  const layers = quantizedLayers(network, container);
  const names = new Set<string>();
  const input = take(graph.input, names);
  const outputs = new Map([...new Set(graph.outputs)].map((value) => [value, take(nameOf(graph, value), names)]));
  const emitter = new Emitter(graph, opsetOf(graph, layers), names);
  emitter.define(graph.input, input, "first");

  const spread = spreadBefore(graph, quantizers);
  const integers = quantizers.size > 0 || graph.nodes.some(({ operation }) => operation.op === "fakeQuantize");
  const within = new Set<Node>(spread.values());
  const parameters = parameterNames(graph);
  const write = (node: Node): Made => {
    if (within.has(node)) return { tensor: emitter.read(node.inputs[0] as ValueId, "first"), channels: "first" };
    const tensors = isLayer(node)
      ? parametersOf(emitter, node, {
          names: parameters.get(node.name) as ParameterNames,
          quantized: layers.get(node.name) ?? null,
          bias: biasOf(node, network),
          integers,
        })
      : null;
    return writerOf(node.operation.op).write(node.operation, new Site(emitter, node, tensors, spread.get(node)?.operation.strides ?? null));
  };
  for (const node of graph.nodes) {
    const before = emitter.nodes.length;
    const { tensor, channels } = write(node);
    // What only stands for another value's tensor keeps that one's name.
    const own = emitter.nodes.length > before && !within.has(node) && !outputs.has(node.output);
    const named = own ? emitter.renameLast(tensor, nameOf(graph, node.output)) : tensor;
    const quantizer = quantizers.get(node.output);
    emitter.define(
      node.output,
      quantizer ? quantizedActivation(emitter, named, { ...quantizer, levels: levelsOf(quantizer.bits) }) : named,
      channels,
    );
  }
  for (const [value, name] of outputs) emitter.call(value, name);
  return modelBytes({
    ...{ name: graph.name, opset: emitter.opset, nodes: emitter.nodes, initializers: emitter.initializers },
    inputs: [valueProto(input, ordered(emitter.shape(graph.input), "first"))],
    outputs: [...outputs].map(([value, name]) => valueProto(name, ordered(emitter.shape(value), "first"))),
    metadata: { ...widths(network, layers), ...metadata },
  });
}

function quantizedLayers(network: QuantizedNetwork, container: OnnxContainer): Map<string, QuantizedLayer> {
  const found = new Map<string, QuantizedLayer>();
  for (const layer of network.graph.nodes.filter(isLayer)) {
    const codes = codesOf(layer, network);
    if (codes) found.set(layer.name, { codes, contained: contain(codes, container) });
  }
  return found;
}

/** The first opset that has all that the file needs. */
function opsetOf(graph: Graph, layers: ReadonlyMap<string, QuantizedLayer>): number {
  const shape = (value: ValueId) => graph.shapes.get(value) ?? [];
  const needs = graph.nodes.map((node) => {
    const shapes = { input: shape(node.inputs[0] as ValueId), output: shape(node.output) };
    return writerOf(node.operation.op).opset?.(node.operation, shapes) ?? LEAST_OPSET;
  });
  return Math.max(LEAST_OPSET, ...needs, ...[...layers.values()].map(({ contained }) => contained.opset));
}

/** The first whose DequantizeLinear takes scales by channel. */
const LEAST_OPSET = 13;

/** Of every layer and quantized activation, the true bits and where the file keeps scales and zero points. */
function widths({ graph, quantizers }: QuantizedNetwork, layers: ReadonlyMap<string, QuantizedLayer>): Record<string, string> {
  const weights = [...layers].map(([name, { codes, contained }]) => [
    name,
    { bits: codes.bits, container: contained.name, scales: codes.scale.length },
  ]);
  const activations = [...quantizers].map(([value, { bits, scale, zero }]) => [nameOf(graph, value), { bits, scale, zero }]);
  return {
    "brecq_lab.weights": JSON.stringify(Object.fromEntries(weights)),
    "brecq_lab.activations": JSON.stringify(Object.fromEntries(activations)),
  };
}
