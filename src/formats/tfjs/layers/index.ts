/**
 * TF.js layers models: a Keras network as layers and their calls. TensorFlow.js deserializes it, weights and all; reading is a walk
 * from the outputs over the calls that made them, into nested models too.
 */
import type { LayersModel, SymbolicTensor } from "@tensorflow/tfjs";
import { BadInput } from "../../../base/errors";
import { GraphBuilder } from "../../../graph/builder";
import type { Graph, ValueId } from "../../../graph/types";
import { shapeRule } from "../../../operators";
import type { ReadOptions } from "../../format";
import type { Sources } from "../build";
import type { Tfjs } from "../library";
import type { ModelJson } from "../model-json";
import { Refused } from "../refused";
import type { Weights } from "../weights";
import { LAYERS } from "./converters";
import { registerLayers } from "./more-layers";
import { checkedTopology } from "./topology";

type Layer = LayersModel["layers"][number];

export async function readLayersModel(tf: Tfjs, json: ModelJson, weights: Weights, fileName: string, options: ReadOptions): Promise<Graph> {
  const refused = new Refused();
  const known = [...Object.keys(LAYERS), "InputLayer"];
  const extents = new Set(weights.specs.flatMap(({ shape }) => shape));
  const modelTopology = checkedTopology(json.modelTopology, { fileName, known, refused, extents, options });
  refused.throwIfAny(fileName, "layer", known);
  registerLayers(tf);
  const model = await deserialized(tf, modelTopology, weights, fileName);
  try {
    return walk(model, fileName);
  } finally {
    model.dispose();
  }
}

/** The model as TensorFlow.js builds it. @throws BadInput with its reason where it cannot */
async function deserialized(tf: Tfjs, modelTopology: object, { specs, data }: Weights, fileName: string): Promise<LayersModel> {
  try {
    const artifacts = { modelTopology, weightSpecs: [...specs] as never, weightData: data };
    return await tf.loadLayersModel(tf.io.fromMemory(artifacts));
  } catch (error) {
    throw new BadInput(`${fileName} cannot be read as a layers model: TensorFlow.js says "${error instanceof Error ? error.message : error}".`);
  }
}

function walk(model: LayersModel, fileName: string): Graph {
  const [input] = model.inputs;
  if (!input || model.inputs.length > 1)
    throw new BadInput(
      `${fileName} takes ${model.inputs.length} inputs (${model.inputs.map(({ sourceLayer }) => sourceLayer.name).join(", ")}); the lab quantizes networks of one image input.`,
    );
  const image = input.sourceLayer.name;
  const shape = input.shape.slice(1);
  if (shape.some((extent) => !extent || extent < 1) || (shape.length !== 3 && shape.length !== 1))
    throw new BadInput(
      `Input "${image}" of ${fileName} has shape [${input.shape.map((extent) => extent ?? "?").join(", ")}]; expected images [batch, height, width, channels] of a fixed number of channels.`,
    );
  const graph = new GraphBuilder(fileName, image, shape as number[], shapeRule);
  const sources: Sources = new Map();

  const convert = (layer: Layer, inputs: readonly ValueId[], scope: string): ValueId => {
    const kind = layer.getClassName();
    const name = scope + layer.name;
    const fail = (reason: string) => new BadInput(`Layer "${name}" (${kind}) of ${fileName} ${reason}.`);
    const config = layer.getConfig() as Record<string, unknown>;
    if (config.dataFormat === "channelsFirst") throw fail("keeps its images with channels first; only channels_last is supported");
    const converter = LAYERS[kind];
    if (!converter) throw fail("is no layer that the lab supports");
    const weights = layer.getWeights().map((tensor) => ({ shape: tensor.shape, data: Float32Array.from(tensor.dataSync()) }));
    return converter({ graph, sources, name, fail, config, weights, inputs });
  };
  /** The values of a model's outputs for those of its inputs. */
  const outputsOf = (nested: LayersModel, inputs: readonly ValueId[], scope: string): ValueId[] => {
    const values = new Map<number, ValueId>(nested.inputs.map(({ id }, i) => [id, inputs[i] as ValueId]));
    const valueAt = (tensor: SymbolicTensor): ValueId => {
      const found = values.get(tensor.id);
      if (found !== undefined) return found;
      const { sourceLayer, nodeIndex = 0 } = tensor;
      const call = sourceLayer.inboundNodes[nodeIndex];
      if (!call || call.inputTensors.length === 0 || call.inputTensors.includes(tensor))
        throw new BadInput(`${fileName} does not compute "${tensor.name}" from its input; the file is damaged.`);
      const read = call.inputTensors.map(valueAt);
      const made = isModel(sourceLayer) ? outputsOf(sourceLayer, read, `${scope}${sourceLayer.name}/`) : [convert(sourceLayer, read, scope)];
      for (const [i, { id }] of call.outputTensors.entries()) values.set(id, made[i] as ValueId);
      return values.get(tensor.id) as ValueId;
    };
    return nested.outputs.map(valueAt);
  };
  const results = outputsOf(model, [image], "").map((id, i) => ({ id, name: model.outputNames[i] as string }));
  const distinct = results.filter(({ id }, i) => results.findIndex((other) => other.id === id) === i);
  return { ...graph.build(distinct.map(({ id }) => id)), fileOutputs: distinct.map(({ name }) => ({ name, channelsFirst: false })) };
}

function isModel(layer: Layer): layer is Layer & LayersModel {
  return "layers" in layer && "inputs" in layer;
}
