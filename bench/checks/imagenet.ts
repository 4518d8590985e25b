/**
 * A network that does not fit: a ResNet-18 at 224x224 with 1,024 calibration images in a budget of 2 GiB. A few
 * iterations a unit show what memory it takes; more would only take longer.
 */
import { Random } from "../../src/base/random";
import { createWasmDevice } from "../../src/engine/wasm/device";
import type { Graph } from "../../src/graph/types";
import { estimateMemory, planMemory } from "../../src/quantize/memory";
import { brecq } from "../../src/quantize/methods/brecq";
import { SILENT } from "../../src/quantize/methods/method";
import { untrainedLayers } from "../../src/quantize/units";
import { weightQParams } from "../../src/quantize/weight-qparams";
import type { Report } from "../result";
import { BATCH, BITS, kernelOf, networkBuilder } from "../works";

const SIDE = 224;
const IMAGES = 1024;
const ITERATIONS = 4;
const BUDGET = 2 * 2 ** 30;

/** ResNet-18, batch normalization folded into biases. */
function resnet18(): Graph {
  const { builder, conv, relu } = networkBuilder("ResNet-18", [SIDE, SIDE, 3]);
  const bias = (channels: number) => ({ shape: [channels], data: new Float32Array(channels).fill(0.01) });
  const stem = relu("relu", conv("conv1", "input", 64, 7, { stride: 2, bias: bias(64) }));
  const window = { kernel: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], dilations: [1, 1] } as const;
  let value = builder.add("maxpool", { op: "maxPool", ceil: false, ...window }, [stem]);
  for (const [stage, channels] of [64, 128, 256, 512].entries())
    for (let block = 0; block < 2; block++) {
      const name = (part: string) => `layer${stage + 1}.${block}.${part}`;
      const stride = stage > 0 && block === 0 ? 2 : 1;
      const inner = relu(name("relu1"), conv(name("conv1"), value, channels, 3, { stride, bias: bias(channels) }));
      const outer = conv(name("conv2"), inner, channels, 3, { bias: bias(channels) });
      const shortcut = stride === 2 ? conv(name("downsample"), value, channels, 1, { stride, bias: bias(channels) }) : value;
      value = relu(name("relu2"), builder.add(name("add"), { op: "add" }, [outer, shortcut]));
    }
  const pooled = builder.add("pool", { op: "globalAveragePool", keepDims: false }, [value]);
  return builder.build([builder.add("fc", { op: "linear", kernel: kernelOf([512, 1000], 1), bias: bias(1000) }, [pooled])]);
}

export async function checkImageNet(report: Report, threads: number): Promise<void> {
  const device = await createWasmDevice(threads, BUDGET);
  const graph = resnet18();
  const settings = { graph, unit: "block", inputs: "quantized", batch: BATCH, iterations: ITERATIONS, cache: "f32" } as const;
  const layers = { untrained: untrainedLayers(graph, {}), overrides: undefined };
  const own = { ...layers, parameters: "rounding", weighted: false, both: false, activations: null, bits: BITS } as const;
  const sizes = { ...own, images: IMAGES, evaluation: 0 };
  const plan = planMemory(estimateMemory({ ...settings, ...sizes, footprint: (program) => device.footprint(program) }), device.memory.budget, null);
  device.memory.reserve = plan.streaming;
  const images = device.createTensor(IMAGES, SIDE * SIDE * 3, { place: "host" });
  const random = new Random(3, "images");
  for (let i = 0; i < IMAGES; i += 32)
    images.write(
      i,
      Float32Array.from({ length: 32 * images.elements }, () => random.between(-2, 2)),
    );
  const start = performance.now();
  const weights = { bits: BITS, scale: "max" } as const;
  const layerQParams = await weightQParams(device, graph, weights);
  const training = { learningRate: 0.2, regularizer: 0.01, seed: 0, activations: null } as const;
  const { kernels } = await brecq.quantize({ ...settings, ...training, device, images, weights, layerQParams, loss: "mse", observer: SILENT });
  const name = `ResNet-18 at ${SIDE}x${SIDE}, ${IMAGES} images, ${ITERATIONS} iterations a unit, wasm`;
  const mebibytes = (bytes: number) => Math.ceil(bytes / 2 ** 20);
  report.check(`${name}: layers quantized`, kernels.size);
  report.check(`${name}: MiB of the budget`, mebibytes(BUDGET));
  report.check(`${name}: MiB of device memory at peak`, mebibytes(device.memory.peak));
  report.check(`${name}: MiB of WebAssembly memory grown to`, mebibytes(device.heap.memory.buffer.byteLength));
  report.check(`${name}: MiB expected to be streamed from the host`, mebibytes(plan.streamed));
  report.check(`${name}: seconds`, Math.round((performance.now() - start) / 1000));
  images.dispose();
  device.dispose();
}
