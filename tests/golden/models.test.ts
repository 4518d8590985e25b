/** Whole networks of other families: our scores against those that PyTorch or ONNX Runtime gave for the same images. */
import { afterAll, beforeAll, describe, expect } from "vitest";
import { readCifar } from "../../src/data/cifar";
import { normalize, type Preprocessing } from "../../src/data/preprocess";
import { createWasmDevice, type WasmDevice } from "../../src/engine/wasm/device";
import { score } from "../../src/network/evaluate";
import { prepare } from "../../src/passes/prepare";
import { relativeError } from "../support/numbers";
import { readOnnx } from "../support/onnx/read";
import { sharedBytes, sharedTest } from "../support/shared";

const IMAGENET: Preprocessing = { resize: null, crop: null, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225], channelOrder: "rgb" };
const BYTES: Preprocessing = { ...IMAGENET, mean: [0], std: [1 / 255] };

function floats(path: string): Float32Array {
  return new Float32Array(sharedBytes(path).slice().buffer);
}

describe("scores of real networks", () => {
  let device: WasmDevice;
  beforeAll(async () => {
    device = await createWasmDevice(2);
  });
  afterAll(() => device.dispose());

  const logits = async (model: string, input: Float32Array, count: number) => {
    const graph = prepare(readOnnx(sharedBytes(`models/${model}`), model));
    const images = device.createTensor(count, input.length / count);
    images.write(0, input);
    const scores = await score(device, graph, images, { kernels: new Map() });
    images.dispose();
    return scores.logits;
  };

  for (const [name, file] of [
    ["mobilenetv2-1.0-imagenet", "mobilenetv2-1.0-imagenet-fp32.onnx"],
    ["squeezenet1.1-imagenet", "squeezenet1.1-imagenet-fp32.onnx"],
  ] as const)
    sharedTest(`${name} on eight images`, async () => {
      const pixels = sharedBytes("images/imagenet-sample-224/golden8_rgb_u8_8x224x224x3.bin");
      const set = { count: 8, height: 224, width: 224, channels: 3, pixels, labels: null, classNames: null };
      const ours = await logits(`${name}/${file}`, normalize(set, IMAGENET, 0, 8), 8);
      expect(relativeError(ours, floats(`models/${name}/golden8_logits_8x1000_f32.bin`))).toBeLessThan(1e-4);
    });

  sharedTest("MLPerf Tiny's ResNet-8, batch norm unfolded in the file and a softmax at its end, on 64 images", async () => {
    const path = "images/cifar10/cifar10_test_0000-0999.bin";
    const set = readCifar([{ path, bytes: sharedBytes(path) }]);
    const ours = await logits("mlperf-tiny-resnet8-cifar10/resnet8-cifar10-bn-fp32.onnx", normalize(set, BYTES, 0, 64), 64);
    expect(relativeError(ours, floats("models/mlperf-tiny-resnet8-cifar10/golden64_probs_64x10_f32.bin"))).toBeLessThan(1e-4);
  });
});
