/** Runs of small networks in Node, as exports take them. */
import { createWasmDevice } from "../../src/engine/wasm/device";
import { artifactOf, type QuantizedArtifact } from "../../src/export/artifact";
import { demoRecipe } from "../../src/session/recipe/defaults";
import { parseRecipe } from "../../src/session/recipe/schema";
import { runRecipe } from "../../src/session/run/run";
import { builtinBytes } from "./builtin";

/** A built-in network quantized by a recipe that differs from the demo's in `change`: few images, few iterations. */
export async function artifactOfRun(model: string, change: object): Promise<QuantizedArtifact> {
  const demo = demoRecipe();
  const sizes = { calibration: { ...demo.calibration, count: 32 }, evaluation: { ...demo.evaluation, count: 64 } };
  const recipe = parseRecipe({ ...demo, model: { kind: "builtin", name: model }, ...sizes, iterations: 8, learningRate: 0.5, ...change }, "test");
  let artifact: QuantizedArtifact | null = null;
  await runRecipe({
    recipe,
    sources: { builtinModel: async (name) => builtinBytes(name), model: null, calibration: null, evaluation: null },
    openDevice: async () => ({ device: await createWasmDevice(2), reason: "test" }),
    emit: () => {},
    signal: new AbortController().signal,
    keep: (network, report, evidence) => {
      artifact = artifactOf(network, report, evidence);
    },
  });
  if (!artifact) throw new Error("The run kept no network");
  return artifact;
}

const scales = { scale: "max", iterations: 4 };

/** Every width of the exports' tests, over the networks and methods. */
export const RUNS: readonly (readonly [what: string, model: string, change: object])[] = [
  ["W2, BRECQ, symmetric", "shapes-resnet14", { method: "brecq", weights: { bits: 2, symmetric: true } }],
  ["W3 A8, AdaQuant", "shapes-mobilenet-bn", { method: "adaquant", weights: { bits: 3 }, activations: { bits: 8, ...scales } }],
  ["W4 A4, nearest", "shapes-mobilenet", { method: "nearest", weights: { bits: 4 }, activations: { bits: 4, ...scales } }],
  ["W8 A8, DFQ", "shapes-mobilenet-bn", { method: "dfq", weights: { bits: 8 }, activations: { bits: 8, ...scales } }],
  ["W4 by tensor, QDrop", "shapes-resnet14", { method: "qdrop", weights: { bits: 4, granularity: "tensor" } }],
  [
    "W2, 3, float A8, BRECQ",
    "shapes-mobilenet",
    {
      method: "brecq",
      weights: {
        bits: 2,
        scale: "max",
        overrides: [
          { layers: "*depthwise*", bits: "float" },
          { layers: "*project*", bits: 3 },
          { layers: "fc", bits: "float" },
        ],
      },
      activations: { bits: 8, ...scales },
    },
  ],
  [
    "W2, 3, 5, 6, 7 mixed A4, nearest",
    "shapes-regnet",
    {
      method: "nearest",
      weights: {
        bits: 2,
        assignment: { "/s1/s1.0/a/a.0/Conv": 3, "/s1/s1.0/b/b.0/Conv": 5, "/s1/s1.0/c/c.0/Conv": 6, "/fc/Gemm": 7 },
      },
      activations: { bits: 4, ...scales },
    },
  ],
];
