/**
 * Networks of the families that people bring, as files that PyTorch's exporter would write, in miniature
 * (support/onnx). Each is read, prepared and cut into blocks, and its scores at full precision must be those of a
 * reference that computes the file in float64 and shares no code with the product. So every checkout tests what the
 * real networks of tests/golden test beside the shared data.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createWasmDevice, type WasmDevice } from "../../src/engine/wasm/device";
import { type Graph, isLayer } from "../../src/graph/types";
import { score } from "../../src/network/evaluate";
import { partition } from "../../src/passes/partition";
import { prepare } from "../../src/passes/prepare";
import { toNhwc } from "../support/layout";
import { randoms, relativeError } from "../support/numbers";
import { type OnnxFile, onnxBytes } from "../support/onnx/file";
import { densenet, inception } from "../support/onnx/joining";
import { mobilenetV2, type NetworkOptions, preactivation, regnet, resnet, resnet20, squeezenet, vgg } from "../support/onnx/networks";
import { readOnnx } from "../support/onnx/read";
import { computeFile } from "../support/onnx/reference";

const IMAGES = 4;
const IMAGE = [3, 16, 16] as const;
const pixels = randoms(IMAGES * 3 * 16 * 16, 9);

/** A block's name and how many layers it has. */
type Unit = [name: string, layers: number];

interface Family {
  readonly title: string;
  readonly file: OnnxFile;
  readonly layers: number;
  /** Batch normalizations in the file, and those that follow no layer and stay. */
  readonly normalizations: readonly [read: number, kept: number];
  /** Null where the family's blocks are another test's matter. */
  readonly units: readonly Unit[] | null;
}

const residual = (...blocks: Unit[]): Unit[] => [["conv1", 1], ...blocks, ["fc", 1]];
const bottlenecks = residual(["layer1.0", 4], ["layer1.1", 3], ["layer2.0", 4], ["layer2.1", 3]);

const FAMILIES: readonly Family[] = [
  {
    title: "ResNet-20 with padding shortcuts",
    file: resnet20(),
    layers: 20,
    normalizations: [19, 0],
    units: [["conv1", 1], ...[1, 2, 3].flatMap((stage) => [0, 1, 2].map((i): Unit => [`layer${stage}.${i}`, 2])), ["linear", 1]],
  },
  {
    title: "ResNet of basic blocks with a 1x1 convolution where a stage begins",
    file: resnet({ block: "basic" }),
    layers: 11,
    normalizations: [10, 0],
    units: residual(["layer1.0", 2], ["layer1.1", 2], ["layer2.0", 3], ["layer2.1", 2]),
  },
  { title: "ResNet of bottlenecks", file: resnet({ block: "bottleneck" }), layers: 16, normalizations: [15, 0], units: bottlenecks },
  {
    title: "ResNet of pre-activation blocks",
    file: preactivation(),
    layers: 11,
    normalizations: [9, 5],
    units: [
      ["conv1", 1],
      ["layer1.0", 2],
      ["layer1.1", 2],
      ["layer2.0", 3],
      ["layer2.1", 2],
      ["linear", 1],
    ],
  },
  { title: "ResNeXt", file: resnet({ block: "bottleneck", groups: 4 }), layers: 16, normalizations: [15, 0], units: bottlenecks },
  {
    title: "RegNetX",
    file: regnet(),
    layers: 16,
    normalizations: [15, 0],
    units: [
      ["stem.0", 1],
      ["trunk_output/block1/block1-0", 4],
      ["trunk_output/block1/block1-1/f", 3],
      ["trunk_output/block2/block2-0", 4],
      ["trunk_output/block2/block2-1/f", 3],
      ["fc", 1],
    ],
  },
  {
    title: "MobileNetV2",
    file: mobilenetV2(),
    layers: 17,
    normalizations: [16, 0],
    units: [
      ["features.0.0", 1],
      ["features.1/conv", 2],
      ["features.2/conv", 3],
      ["features.3/conv", 3],
      ["features.4/conv", 3],
      ["features.5/conv", 3],
      ["features.6.0", 1],
      ["classifier.1", 1],
    ],
  },
  {
    title: "SqueezeNet",
    file: squeezenet(),
    layers: 11,
    normalizations: [0, 0],
    units: [
      ["features.0", 1],
      ["features.3", 3],
      ["features.4", 3],
      ["features.6", 3],
      ["classifier.1", 1],
    ],
  },
  {
    title: "VGG",
    file: vgg(),
    layers: 7,
    normalizations: [5, 0],
    units: [...[0, 4, 7, 11, 14].map((at): Unit => [`features.${at}`, 1]), ["classifier.0", 1], ["classifier.3", 1]],
  },
  { title: "DenseNet", file: densenet(), layers: 15, normalizations: [15, 8], units: null },
  { title: "Inception", file: inception(), layers: 17, normalizations: [16, 0], units: null },
];

const normalizationsOf = (graph: Graph) => graph.nodes.filter(({ operation }) => operation.op === "affine").length;

describe.each(FAMILIES)("$title", ({ title, file, layers, normalizations, units }) => {
  // Read in each test: what one family stumbles over must not hide the others.
  const read = () => readOnnx(onnxBytes(file), `${title}.onnx`);
  let device: WasmDevice;
  beforeAll(async () => {
    device = await createWasmDevice(2);
  });
  afterAll(() => device.dispose());

  test("is read with all its layers, for images and classes as the file says", () => {
    const raw = read();
    expect(raw.nodes.filter(isLayer)).toHaveLength(layers);
    expect(raw.shapes.get(raw.input)).toEqual([16, 16, 3]);
    expect(raw.shapes.get(raw.output)).toEqual([10]);
  });

  test("is prepared: a normalization behind a layer is folded into it", () => {
    const raw = read();
    const graph = prepare(raw);
    expect([normalizationsOf(raw), normalizationsOf(graph)]).toEqual(normalizations);
    expect(graph.nodes.filter(isLayer)).toHaveLength(layers);
  });

  if (units)
    test("is cut into its blocks", () => {
      const found = partition(prepare(read()), "block").filter((segment) => segment.layers.length > 0);
      expect(found.map((segment) => [segment.name, segment.layers.length])).toEqual(units);
    });

  test("has the reference's scores, before and after it is prepared", async () => {
    const expected = computeFile(file, pixels, IMAGES);
    const images = device.createTensor(IMAGES, pixels.length / IMAGES);
    images.write(0, toNhwc(pixels, [IMAGES, ...IMAGE]));
    for (const network of [read(), prepare(read())]) {
      const { logits } = await score(device, network, images, { kernels: new Map() });
      expect(relativeError(logits, expected)).toBeLessThan(1e-4);
    }
    images.dispose();
  });
});

describe("the same network in another opset is the same graph", () => {
  // What is written otherwise: ReLU6's bounds and the mean's axes became inputs in 11 and 18, Unsqueeze's axes in 13.
  test.each<[string, (options: NetworkOptions) => OnnxFile, number[]]>([
    ["MobileNetV2", mobilenetV2, [7, 9, 10, 11, 13, 17, 21]],
    ["ResNet-20", resnet20, [11, 12, 13, 14, 17, 21]],
    ["RegNetX", regnet, [9, 13, 17, 18, 21]],
  ])("%s", (title, build, opsets) => {
    const [first, ...others] = opsets.map((opset) => readOnnx(onnxBytes(build({ opset })), `${title}.onnx`));
    for (const graph of others) expect(graph).toEqual(first);
  });
});
