/** What a network gives for images. */
import { loadForward } from "../session/inputs/load";
import { parseInputs } from "../session/recipe/schema";
import { type PredictedOutput, predict as predictOutputs } from "../session/run/predict";
import { stopIfAsked } from "../session/run/stop";
import { IMAGES, type Images } from "./images";
import { NETWORKS, type Network } from "./network";
import { never, platform } from "./platform";
import { QUANTIZED, type Quantized } from "./quantize";
import { preprocessingOf, type Settings } from "./settings";

export interface PredictOptions extends Pick<Settings, "preprocessing" | "device" | "threads" | "memory"> {
  /** From 0 to 1. */
  readonly onProgress?: (share: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Every output of a network for every image, float32 in the layout of its file. A network that was quantized here computes with
 * its integers' real values, and preprocesses as its recipe says unless the options say otherwise.
 *
 * @throws {@link BadInput} where images do not fit the network
 */
export async function predict(network: Network | Quantized, images: Images, options: PredictOptions = {}): Promise<PredictedOutput[]> {
  const { preprocessing, onProgress, signal = never(), ...device } = options;
  const quantized = QUANTIZED.has(network) ? { ...QUANTIZED.of(network), recipe: network.report.recipe } : null;
  const source = quantized?.network ?? (network as Network);
  const [model, given] = [NETWORKS.of(source), IMAGES.of(images)];
  const recipe = parseInputs(
    {
      ...{ ...device, model: model.recipe, calibration: given.recipe },
      preprocessing: preprocessingOf(preprocessing, quantized?.recipe.preprocessing, source.input),
    },
    "The options",
  );
  const { graph, images: loaded } = await loadForward({
    ...{ recipe, signal, inputs: model.inputs, emit: () => {} },
    sources: { builtinModel: (name) => platform().builtinModel(name), model: model.given, calibration: given.given, evaluation: null },
  });
  const chosen = await platform().openDevice(recipe);
  try {
    return await predictOutputs({
      ...{ device: chosen.device, graph: quantized?.artifact.graph ?? graph, set: loaded.set, preprocessing: recipe.preprocessing },
      ...(quantized ? { overrides: quantized.artifact.network } : {}),
      onProgress(share) {
        stopIfAsked(signal);
        onProgress?.(share);
      },
    });
  } finally {
    chosen.device.dispose();
  }
}
