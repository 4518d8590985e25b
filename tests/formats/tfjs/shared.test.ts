/** The TF.js files of the shared data: read, and run beside TensorFlow.js itself. */
import { describe, expect } from "vitest";
import { readModel } from "../../../src/formats";
import { shapeOf } from "../../../src/graph/queries";
import { isLayer, sizeOf } from "../../../src/graph/types";
import { prepare } from "../../../src/passes/prepare";
import { randoms, relativeError } from "../../support/numbers";
import { sharedTest } from "../../support/shared";
import { computeGraph, computeGraphModel, computeLayersModel, sharedModel } from "../../support/tfjs";

const CORPUS: readonly [path: string, kind: "layers" | "graph", input: number[], layers: number, outputs: number][] = [
  ["mobilenetv2-1.0-imagenet/tfjs/model.json", "layers", [224, 224, 3], 53, 1],
  ["mlperf-tiny-resnet8-cifar10/tfjs/model.json", "layers", [32, 32, 3], 10, 1],
  ["mlperf-tiny-vww-mobilenetv1-025-96/tfjs/model.json", "layers", [96, 96, 3], 28, 1],
  ["lenet-mnist/tfjs/model.json", "layers", [28, 28, 1], 4, 1],
  ["tfjs-graph/antispoof.json", "graph", [128, 128, 3], 5, 1],
  ["tfjs-graph/blazeface-front.json", "graph", [128, 128, 3], 37, 4],
  ["tfjs-graph/emotion.json", "graph", [64, 64, 1], 13, 1],
  ["tfjs-graph/gender.json", "graph", [64, 64, 1], 23, 1],
];

describe("TF.js files of the shared data have TensorFlow.js's outputs", () => {
  for (const [path, kind, input, layers, outputs] of CORPUS)
    sharedTest(
      path,
      async () => {
        const files = sharedModel(`models/${path}`);
        const raw = await readModel(files);
        expect(shapeOf(raw, raw.input)).toEqual(input);
        expect(raw.nodes.filter(isLayer)).toHaveLength(layers);
        expect(raw.outputs).toHaveLength(outputs);
        // Zero padding before a convolution became its own.
        expect(raw.nodes.filter(({ operation }) => operation.op === "pad" && operation.before[2] === 0 && operation.after[2] === 0)).toEqual([]);
        const images = randoms(sizeOf(input), 5).map((value) => (value + 3) / 6);
        const compute = kind === "layers" ? computeLayersModel : computeGraphModel;
        const expected = await compute(files, images, [1, ...input]);
        for (const graph of [raw, prepare(raw)]) {
          const made = await computeGraph(graph, images, 1);
          expected.forEach(({ shape, data }, i) => {
            const [, ...own] = shape;
            if (shape.length > 2) expect(shapeOf(graph, graph.outputs[i] as string)).toEqual(own);
            expect(relativeError(made[i] as Float32Array, data)).toBeLessThan(1e-4);
          });
        }
      },
      120_000,
    );
});
