/**
 * TensorFlow.js: a model.json and the files with its weights, as a layers model (Keras) or a graph model (a frozen TensorFlow graph).
 * TensorFlow.js itself decodes weights and layers; it is loaded when the first such file comes.
 */
import { BadInput } from "../../base/errors";
import type { Graph } from "../../graph/types";
import type { Format, ModelFile, ReadOptions } from "../format";
import { loadTfjs } from "./library";
import { mentionsTopology, parseModelJson } from "./model-json";
import { decodeWeights, gatherWeights } from "./weights";

export const tfjs: Format = { name: "TensorFlow.js", extension: /\.json$/i, match: mentionsTopology, companions, read };

function companions(main: ModelFile): readonly string[] {
  try {
    return parseModelJson(main).weightsManifest.flatMap(({ paths }) => paths);
  } catch {
    return [];
  }
}

async function read(main: ModelFile, files: readonly ModelFile[], options: ReadOptions): Promise<Graph> {
  const model = parseModelJson(main);
  const weights = gatherWeights(model, main, files);
  const tf = await loadTfjs();
  // As TensorFlow.js itself, the readers are fetched when they are needed: the page's worker starts without them.
  if ("node" in model.modelTopology) {
    const { readGraphModel } = await import("./graph");
    return readGraphModel(tf, model, decodeWeights(tf, weights), main.path, options);
  }
  if ("model_config" in model.modelTopology || "class_name" in model.modelTopology) {
    const { readLayersModel } = await import("./layers");
    return readLayersModel(tf, model, weights, main.path, options);
  }
  throw new BadInput(
    `${main.path} describes neither layers (model_config) nor a graph (node) in its modelTopology; convert or download the model again.`,
  );
}
