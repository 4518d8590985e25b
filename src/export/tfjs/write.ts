/**
 * A quantized network as a TF.js graph model: node by node in order, each by the writer of its operator. A network without quantizers
 * gives the full-precision files. Nodes keep their names; so do inputs, outputs and parameters where the network was read from a
 * file that names them.
 */
import { BadInput } from "../../base/errors";
import { isLayer, type Node, type ValueId } from "../../graph/types";
import type { QuantizedNetwork } from "../../quantize/methods/method";
import { levelsOf } from "../../quantize/quantizer";
import { biasOf, type ExportedFile, type ParameterNames, parameterNames, textFile } from "../artifact";
import { codesOf, type LayerCodes } from "../codes";
import { nameOf, take } from "../names";
import { spreadBefore } from "../transposed";
import { Emitter, plainName } from "./emitter";
import { parametersOf, quantizedActivation } from "./quantize";
import { batched, FLOAT, specOf, type Weight } from "./topology";
import { Site } from "./writer";
import { writerOf } from "./writers";

/** Weights are cut into files of so many bytes, as TensorFlow.js's own converter does for caches of browsers. */
const SHARD = 4 * 2 ** 20;
/** Axes that a tensor has in TF.js, the batch among them. */
const MOST_AXES = 6;

/** model.json and the files with its weights. @throws BadInput where TF.js cannot compute a node */
export function writeTfjs(network: QuantizedNetwork, metadata: Readonly<Record<string, unknown>> = {}): ExportedFile[] {
  const { graph, quantizers } = network;
  checkAxes(network);
  const codes = new Map(graph.nodes.filter(isLayer).flatMap((layer) => mapped(layer.name, codesOf(layer, network))));
  const names = new Set<string>();
  const input = take(plainName(graph.input), names);
  const nodeNames = new Map(graph.nodes.map(({ name }) => [name, take(plainName(name), names)]));
  const emitter = new Emitter(graph, names);
  emitter.emitNamed(input, "Placeholder", [], { dtype: FLOAT, shape: { shape: batched(emitter.shape(graph.input)) } });

  /** The tensor after the value's quantizer, where it has one. */
  const define = (value: ValueId, tensor: string): void => {
    const quantizer = quantizers.get(value);
    if (!quantizer) return emitter.define(value, tensor);
    const at = {
      node: (op: string, inputs: readonly string[]) => emitter.emit(`${tensor}/quantized/${op}`, op, inputs, { T: FLOAT }),
      scalar: (what: string, number: number) => emitter.floats(`${tensor}/quantized/${what}`, [], Float32Array.of(number)),
    };
    emitter.define(value, quantizedActivation(at, tensor, { ...quantizer, levels: levelsOf(quantizer.bits) }));
  };
  emitter.define(graph.input, input);

  const spread = spreadBefore(graph, quantizers);
  for (const [node] of spread) if (node.operation.op === "conv2d" && node.operation.dilations.some((n) => n !== 1)) spread.delete(node);
  const within = new Set<Node>(spread.values());
  const parameters = parameterNames(graph);
  for (const node of graph.nodes) {
    if (within.has(node)) {
      define(node.output, emitter.read(node.inputs[0] as ValueId));
      continue;
    }
    const given = isLayer(node)
      ? parametersOf(emitter, node, {
          names: parameters.get(node.name) as ParameterNames,
          codes: codes.get(node.name) ?? null,
          bias: biasOf(node, network),
        })
      : null;
    const site = new Site(emitter, node, nodeNames.get(node.name) as string, given, spread.get(node)?.operation.strides ?? null);
    define(node.output, writerOf(node.operation.op)(node.operation, site));
  }

  const valueInfo = (tensor: string, value: ValueId) => ({ name: `${tensor}:0`, dtype: "DT_FLOAT", tensorShape: batched(emitter.shape(value)) });
  const signature = {
    inputs: { [input]: valueInfo(input, graph.input) },
    outputs: Object.fromEntries([...new Set(graph.outputs)].map((value) => [nameOf(graph, value), valueInfo(emitter.read(value), value)])),
  };
  const userDefinedMetadata = { brecq_lab: { ...widths(network, codes), ...metadata } };
  return files(
    { signature, userDefinedMetadata, modelTopology: { node: emitter.nodes, versions: { producer: 1, minConsumer: 0 } } },
    emitter.weights,
  );
}

function mapped<T>(name: string, value: T | null): [string, T][] {
  return value ? [[name, value]] : [];
}

function checkAxes({ graph }: QuantizedNetwork): void {
  for (const { name, output } of graph.nodes) {
    const axes = 1 + (graph.shapes.get(output)?.length ?? 0);
    if (axes > MOST_AXES)
      throw new BadInput(
        `Node "${name}" makes values of ${axes} axes with the batch; TensorFlow.js has at most ${MOST_AXES}. Export another kind of file, such as ONNX.`,
      );
  }
}

/** Of every layer and quantized activation, the true bits, scales and zero points. */
function widths({ graph, quantizers }: QuantizedNetwork, codes: ReadonlyMap<string, LayerCodes>): Record<string, object> {
  return {
    weights: Object.fromEntries([...codes].map(([name, { bits, scale }]) => [name, { bits, scales: scale.length }])),
    activations: Object.fromEntries([...quantizers].map(([value, { bits, scale, zero }]) => [nameOf(graph, value), { bits, scale, zero }])),
  };
}

function files(json: object, weights: readonly Weight[]): ExportedFile[] {
  // Words of four bytes come first, so that none begins between two.
  const sorted = [...weights].sort((a, b) => b.stored.BYTES_PER_ELEMENT - a.stored.BYTES_PER_ELEMENT);
  const data = new Uint8Array(sorted.reduce((sum, { stored }) => sum + stored.byteLength, 0));
  let at = 0;
  for (const { stored } of sorted) {
    data.set(new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength), at);
    at += stored.byteLength;
  }
  const count = Math.max(1, Math.ceil(data.length / SHARD));
  const paths = Array.from({ length: count }, (_, i) => `group1-shard${i + 1}of${count}.bin`);
  const model = { format: "graph-model", generatedBy: "brecq-lab", convertedBy: null, ...json };
  const text = JSON.stringify({ ...model, weightsManifest: [{ paths, weights: sorted.map(specOf) }] });
  const shards = paths.map((name, i) => ({ name, type: "application/octet-stream", bytes: data.slice(i * SHARD, (i + 1) * SHARD) }));
  return [textFile("model.json", "application/json", text), ...shards];
}
