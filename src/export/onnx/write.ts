/**
 * A quantized network as an ONNX file: node by node in order, each by the writer of its operator. A network without
 * quantizers gives the full-precision file. Names of nodes stay, so do those of inputs and outputs where the network
 * was read from a file that names them.
 */
import { consumersOf } from "../../graph/queries";
import { type Graph, isLayer, type Layer, type Node, type ValueId } from "../../graph/types";
import type { QuantizedNetwork } from "../../quantize/methods/method";
import { levelsOf } from "../../quantize/quantizer";
import { biasOf, parameterNames, tensorName } from "../artifact";
import { codesOf } from "../codes";
import { contain, type OnnxContainer } from "./containers";
import { Emitter, ordered, take } from "./emitter";
import { modelBytes, valueProto } from "./proto";
import { parametersOf, type QuantizedLayer, quantizedActivation } from "./quantize";
import { Site } from "./writer";
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
  const layers = new Map<string, QuantizedLayer>();
  for (const layer of graph.nodes.filter(isLayer)) {
    const codes = codesOf(layer, network);
    if (codes) layers.set(layer.name, { codes, contained: contain(codes, container) });
  }
  const names = new Set<string>();
  const input = take(tensorName(graph, graph.input), names);
  const outputs = new Map([...new Set(graph.outputs)].map((value) => [value, take(cleanName(graph, value), names)]));
  const emitter = new Emitter(graph, opsetOf(graph, layers), names);
  emitter.define(graph.input, input, "first");

  const spread = spreadBefore(network);
  const parameters = parameterNames(graph);
  for (const node of graph.nodes) {
    const before = emitter.nodes.length;
    if ([...spread.values()].includes(node)) emitter.define(node.output, emitter.read(node.inputs[0] as ValueId, "first"), "first");
    else writeNode(emitter, node, network, layers.get(node.name) ?? null, parameters, spread.get(node)?.operation.strides ?? null);
    const quantizer = quantizers.get(node.output);
    if (!outputs.has(node.output)) nameTensor(emitter, node, before);
    if (quantizer) emitter.define(node.output, quantizedActivation(emitter, ...whereIs(emitter, node.output), quantizer), whereIs(emitter, node.output)[1]);
  }
  return modelBytes({} as never);
}
