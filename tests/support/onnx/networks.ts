/**
 * The families of the paper and their neighbours, each in miniature: the modules, names and exporter's forms of the
 * published implementations, at widths of a few channels on images of 16x16. What a family is known for is kept (padding
 * shortcuts, ReLU6 that saturates, groups, lists that are joined again and again), for that is what a reader stumbles over.
 */
import { Exporter, type PoolOptions } from "./exporter";
import type { OnnxFile } from "./file";

const IMAGE = [3, 16, 16] as const;
const CLASSES = 10;
const HALVE: PoolOptions = { kernel: 2, stride: 2 };
const STEM_POOL: PoolOptions = { kernel: 3, stride: 2, pad: 1 };

export interface NetworkOptions {
  readonly opset?: number;
}

/** ResNet-20 for CIFAR-10 with parameter-free shortcuts, an average over 4x4, and x.view at its end. */
export function resnet20({ opset = 13 }: NetworkOptions = {}): OnnxFile {
  const e = new Exporter(opset, IMAGE);
  let x = e.relu("", e.batchNorm("bn1", e.conv("conv1", e.input, 4)));
  for (const [stage, width] of [4, 8, 16].entries())
    for (let i = 0; i < 3; i++) {
      const name = `layer${stage + 1}.${i}`;
      const stride = stage > 0 && i === 0 ? 2 : 1;
      const inner = e.relu(name, e.batchNorm(`${name}.bn1`, e.conv(`${name}.conv1`, x, width, { stride })));
      const main = e.batchNorm(`${name}.bn2`, e.conv(`${name}.conv2`, inner, width));
      x = e.relu(name, e.add(name, main, stride === 2 ? e.paddingShortcut(`${name}.shortcut`, x, width / 4) : x));
    }
  return e.finish(e.linear("linear", e.view("", e.averagePool("", x, { kernel: 4, stride: 4 })), CLASSES));
}

interface ResNetOptions extends NetworkOptions {
  readonly block: "basic" | "bottleneck";
  readonly groups?: number;
  /** Height and width of the image. */
  readonly extent?: number;
}

/** ResNet-18 and ResNet-50 with two stages, and with groups ResNeXt: 1x1 convolutions where a stage begins. */
export function resnet({ opset = 17, block, groups = 1, extent = IMAGE[1] }: ResNetOptions): OnnxFile {
  const e = new Exporter(opset, [IMAGE[0], extent, extent]);
  const bn = (conv: string, norm: string, x: string, width: number, options: Parameters<Exporter["conv"]>[3]) =>
    e.batchNorm(norm, e.conv(conv, x, width, options));
  let x = e.maxPool("maxpool", e.relu("relu", bn("conv1", "bn1", e.input, 8, { kernel: 7, stride: 1 })), STEM_POOL);
  for (const [stage, width] of [8, 16].entries())
    for (let i = 0; i < 2; i++) {
      const name = `layer${stage + 1}.${i}`;
      const stride = stage > 0 && i === 0 ? 2 : 1;
      const outputs = block === "basic" ? width : 2 * width;
      let main: string;
      if (block === "basic") {
        main = e.relu(`${name}.relu`, bn(`${name}.conv1`, `${name}.bn1`, x, width, { stride }));
        main = bn(`${name}.conv2`, `${name}.bn2`, main, outputs, {});
      } else {
        main = e.relu(`${name}.relu`, bn(`${name}.conv1`, `${name}.bn1`, x, width, { kernel: 1 }));
        main = e.relu(`${name}.relu`, bn(`${name}.conv2`, `${name}.bn2`, main, width, { stride, groups }));
        main = bn(`${name}.conv3`, `${name}.bn3`, main, outputs, { kernel: 1 });
      }
      const projected = stride === 2 || e.channels(x) !== outputs;
      const [conv, norm] = [`${name}.downsample.0`, `${name}.downsample.1`];
      x = e.relu(`${name}.relu`, e.add(name, main, projected ? bn(conv, norm, x, outputs, { kernel: 1, stride }) : x));
    }
  return e.finish(e.linear("fc", e.flatten("", e.globalAveragePool("avgpool", x)), CLASSES));
}

/** ResNet-v2: normalized before each convolution, so that a shortcut reads the stem's output beside a normalization. */
export function preactivation({ opset = 17 }: NetworkOptions = {}): OnnxFile {
  const e = new Exporter(opset, IMAGE);
  const active = (scope: string, norm: string, x: string) => e.relu(scope, e.batchNorm(norm, x));
  let x = e.conv("conv1", e.input, 8);
  for (const [stage, width] of [8, 16].entries())
    for (let i = 0; i < 2; i++) {
      const name = `layer${stage + 1}.${i}`;
      const stride = stage > 0 && i === 0 ? 2 : 1;
      const ready = active(name, `${name}.bn1`, x);
      const shortcut = stride === 2 ? e.conv(`${name}.shortcut.0`, ready, width, { kernel: 1, stride }) : x;
      const inner = active(name, `${name}.bn2`, e.conv(`${name}.conv1`, ready, width, { stride }));
      x = e.add(name, e.conv(`${name}.conv2`, inner, width), shortcut);
    }
  return e.finish(e.linear("linear", e.flatten("", e.globalAveragePool("", active("", "bn", x))), CLASSES));
}

/** RegNetX: a stem, bottlenecks of constant width with groups, and the mean over space. */
export function regnet({ opset = 18 }: NetworkOptions = {}): OnnxFile {
  const e = new Exporter(opset, IMAGE);
  let x = e.relu("stem.2", e.batchNorm("stem.1", e.conv("stem.0", e.input, 8, { stride: 2 })));
  for (const [stage, width] of [8, 16].entries())
    for (let i = 0; i < 2; i++) {
      const name = `trunk_output.block${stage + 1}.block${stage + 1}-${i}`;
      const stride = i === 0 ? 2 : 1;
      const part = (path: string, from: string, options: Parameters<Exporter["conv"]>[3]) =>
        e.batchNorm(`${name}.${path}.1`, e.conv(`${name}.${path}.0`, from, width, options));
      const shortcut = i === 0 ? part("proj", x, { kernel: 1, stride }) : x;
      const a = e.relu(`${name}.f.a.2`, part("f.a", x, { kernel: 1 }));
      const b = e.relu(`${name}.f.b.2`, part("f.b", a, { stride, groups: 4 }));
      x = e.relu(`${name}.activation`, e.add(name, shortcut, part("f.c", b, { kernel: 1 })));
    }
  return e.finish(e.linear("fc", e.spaceMean("avgpool", x), CLASSES));
}

/** MobileNetV2: inverted residuals with and without a skip, and activations that reach 6. */
export function mobilenetV2({ opset = 11 }: NetworkOptions = {}): OnnxFile {
  const e = new Exporter(opset, IMAGE);
  const active = (name: string, x: string, width: number, options: Parameters<Exporter["conv"]>[3]) =>
    e.relu6(`${name}.2`, e.batchNorm(`${name}.1`, e.conv(`${name}.0`, x, width, options), 4));
  let x = active("features.0", e.input, 8, { stride: 1 });
  const blocks = [
    [1, 4, 1],
    [3, 8, 2],
    [3, 8, 1],
    [3, 12, 2],
    [3, 12, 1],
  ] as const;
  for (const [i, [expand, outputs, stride]] of blocks.entries()) {
    const name = `features.${i + 1}`;
    const depth = e.channels(x) * expand;
    const widened = expand === 1 ? x : active(`${name}.conv.0`, x, depth, { kernel: 1 });
    const at = expand === 1 ? 0 : 1;
    const filtered = active(`${name}.conv.${at}`, widened, depth, { stride, groups: depth });
    const thin = e.batchNorm(`${name}.conv.${at + 2}`, e.conv(`${name}.conv.${at + 1}`, filtered, outputs, { kernel: 1 }));
    x = stride === 1 && e.channels(x) === outputs ? e.add(name, x, thin) : thin;
  }
  x = active(`features.${blocks.length + 1}`, x, 24, { kernel: 1 });
  return e.finish(e.linear("classifier.1", e.flatten("", e.globalAveragePool("", x)), CLASSES));
}

/** SqueezeNet 1.1: fire modules, pools that round up, and a convolution as its classifier. */
export function squeezenet({ opset = 13 }: NetworkOptions = {}): OnnxFile {
  const e = new Exporter(opset, IMAGE);
  const conv = (module: string, activation: string, x: string, width: number, options: Parameters<Exporter["conv"]>[3]) =>
    e.relu(activation, e.conv(module, x, width, { bias: true, ...options }));
  let x = conv("features.0", "features.1", e.input, 8, { stride: 1, pad: 0 });
  const pool: PoolOptions = { kernel: 3, stride: 2, ceil: true };
  x = e.maxPool("features.2", x, pool);
  for (const [at, width] of [
    [3, 4],
    [4, 4],
    [6, 6],
  ] as const) {
    if (at === 6) x = e.maxPool("features.5", x, pool);
    const name = `features.${at}`;
    const squeezed = conv(`${name}.squeeze`, `${name}.squeeze_activation`, x, width, { kernel: 1 });
    const narrow = conv(`${name}.expand1x1`, `${name}.expand1x1_activation`, squeezed, 2 * width, { kernel: 1 });
    x = e.concat(name, [narrow, conv(`${name}.expand3x3`, `${name}.expand3x3_activation`, squeezed, 2 * width, {})]);
  }
  x = conv("classifier.1", "classifier.2", x, CLASSES, { kernel: 1 });
  return e.finish(e.flatten("", e.globalAveragePool("classifier.3", x)));
}

/** VGG with batch normalization: a chain whose classifier reads 2x2 positions, in the file's order. */
export function vgg({ opset = 17 }: NetworkOptions = {}): OnnxFile {
  const e = new Exporter(opset, IMAGE);
  let x: string = e.input;
  let at = 0;
  for (const width of [4, 8, 12]) {
    for (let i = 0; i < (width === 4 ? 1 : 2); i++, at += 3)
      x = e.relu(`features.${at + 2}`, e.batchNorm(`features.${at + 1}`, e.conv(`features.${at}`, x, width, { bias: true })));
    x = e.maxPool(`features.${at++}`, x, HALVE);
  }
  x = e.relu("classifier.1", e.linear("classifier.0", e.flatten("", x), 24));
  return e.finish(e.linear("classifier.3", x, CLASSES));
}
