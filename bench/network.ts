/**
 * The whole quantization of a ResNet-20: `brecq()` over its nine blocks and its last layer at 2 bit, from
 * preprocessed images to hard kernels, with seeded weights and images. What the numbers are makes no
 * difference to the work; how accurate the result is, the tests say.
 */
import { Random } from "../src/base/random";
import type { Device } from "../src/engine/device";
import type { Graph } from "../src/graph/types";
import { brecq } from "../src/quantize/methods/brecq";
import { SILENT } from "../src/quantize/methods/method";
import { weightQParams } from "../src/quantize/weight-qparams";
import type { Timed } from "./compare";
import { BATCH, BITS, kernelOf, networkBuilder } from "./works";

export const NETWORK = { images: 256, iterations: 100, learningRate: 0.2 } as const;

const SIDE = 32;
const STAGES = [16, 32, 64];
const BLOCKS = 3;
const CLASSES = 10;

/** ResNet-20 for 32x32 images, batch normalization folded into biases, with 1x1 convolutions as shortcuts. */
export function resnet20(): Graph {
  const { builder, conv, relu } = networkBuilder("ResNet-20", [SIDE, SIDE, 3]);
  const bias = (channels: number) => ({ shape: [channels], data: new Float32Array(channels).fill(0.01) });
  let value = relu("relu", conv("conv1", "input", 16, 3, { bias: bias(16) }));
  for (const [stage, channels] of STAGES.entries())
    for (let block = 0; block < BLOCKS; block++) {
      const name = (part: string) => `layer${stage + 1}.${block}.${part}`;
      const stride = stage > 0 && block === 0 ? 2 : 1;
      const inner = relu(name("relu1"), conv(name("conv1"), value, channels, 3, { stride, bias: bias(channels) }));
      const outer = conv(name("conv2"), inner, channels, 3, { bias: bias(channels) });
      const shortcut = stride === 2 ? conv(name("downsample"), value, channels, 1, { stride, bias: bias(channels) }) : value;
      value = relu(name("relu2"), builder.add(name("add"), { op: "add" }, [outer, shortcut]));
    }
  const pooled = builder.add("pool", { op: "globalAveragePool", keepDims: false }, [value]);
  return builder.build([builder.add("fc", { op: "linear", kernel: kernelOf([64, CLASSES], 1), bias: bias(CLASSES) }, [pooled])]);
}

/** One iteration is one whole quantization. */
export async function quantization(device: Device, images: number, iterations: number): Promise<Timed> {
  const graph = resnet20();
  const weights = { bits: BITS, scale: "max" } as const;
  const layerQParams = await weightQParams(device, graph, weights);
  const tensor = device.createTensor(images, SIDE * SIDE * 3);
  const random = new Random(2, "images");
  tensor.write(
    0,
    Float32Array.from({ length: images * tensor.elements }, () => random.between(-2, 2)),
  );
  return {
    async time(runs) {
      const start = performance.now();
      for (let run = 0; run < runs; run++)
        await brecq.quantize({
          device,
          graph,
          images: tensor,
          weights,
          layerQParams,
          activations: null,
          unit: "block",
          loss: "mse",
          inputs: "quantized",
          cache: "f32",
          iterations,
          learningRate: NETWORK.learningRate,
          regularizer: 0.01,
          batch: BATCH,
          seed: run,
          observer: SILENT,
        });
      return (performance.now() - start) / runs;
    },
    dispose: () => tensor.dispose(),
  };
}
