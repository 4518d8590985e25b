/** Small networks quantized by any method within a second or two: few images, few iterations. */
import { normalize } from "../../src/data/preprocess";
import { drawShapes } from "../../src/data/procedural";
import type { Device } from "../../src/engine/device";
import { METHODS } from "../../src/quantize/methods";
import type { MethodName } from "../../src/quantize/methods/catalog";
import { type MethodOptions, type QuantizedNetwork, SILENT } from "../../src/quantize/methods/method";
import type { ScaleMethod } from "../../src/quantize/settings";
import { type WeightOptions, weightQParams } from "../../src/quantize/weight-qparams";
import { builtin } from "./builtin";

const PREPROCESSING = { resize: null, crop: null, mean: [0.5], std: [0.25], channelOrder: "rgb" } as const;
const IMAGES = 32;

export interface QuantizedOptions extends Partial<Omit<MethodOptions, "weights" | "activations">> {
  readonly method: MethodName;
  readonly weights: Partial<WeightOptions>;
  /** Bits; full precision without. */
  readonly activations?: number;
  readonly activationScale?: ScaleMethod;
}

/** A built-in network, quantized with a few iterations on a few images. */
export async function quantized(
  device: Device,
  model: string,
  { method, activations, activationScale = "mse", ...change }: QuantizedOptions,
): Promise<QuantizedNetwork> {
  const graph = builtin(model);
  const weights: WeightOptions = { bits: 4, scale: "mse", ...change.weights };
  const layerQParams = await weightQParams(device, graph, weights);
  const images = device.createTensor(IMAGES, 3072);
  try {
    images.write(0, normalize(drawShapes("calibration", IMAGES), PREPROCESSING, 0, IMAGES));
    const training = { iterations: 8, learningRate: 0.5, regularizer: 0.01, batch: 16, seed: 1, inputs: "quantized", cache: "f32" } as const;
    const scales = { scale: activationScale, lastInputBits: 8, learn: true, iterations: 4, learningRate: 4e-4 } as const;
    return await METHODS[method].quantize({
      ...{ device, graph, images, layerQParams, unit: "block", loss: "mse", ...training, observer: SILENT },
      ...change,
      weights,
      activations: activations === undefined ? null : { bits: activations, ...scales },
    });
  } finally {
    images.dispose();
  }
}
