/**
 * TensorFlow.js as one would write it: eager operations, `variableGrads`, and its own Adam. WebGL does not
 * exist in Node, so its back ends here are webgpu and the plain JavaScript one.
 */
import type * as Tf from "@tensorflow/tfjs";
import { GAMMA, ZETA } from "../../src/engine/steps";
import type { Layer } from "../../src/graph/types";
import { levelsOf } from "../../src/quantize/quantizer";
import { startRounding } from "../../src/quantize/training/rounding";
import { exponentAt } from "../../src/quantize/training/schedule";
import { BATCH, BITS, ITERATIONS, type Problem, SCHEDULE, type Work } from "../works";
import type { Competitor, Training } from "./competitor";

async function load(): Promise<typeof Tf> {
  const tf = (await import("@tensorflow/tfjs")) as typeof Tf & { default?: typeof Tf };
  await import("@tensorflow/tfjs-backend-webgpu");
  return tf.default ?? tf;
}

/** tfjs on one of its back ends, or null where that does not start. */
export async function tfjs(backend: "webgpu" | "cpu"): Promise<Competitor | null> {
  const tf = await load();
  if (!tf.findBackendFactory(backend) || !(await tf.setBackend(backend))) return null;
  await tf.ready();
  return {
    name: `tfjs ${tf.version_core}, ${backend}`,
    device: backend === "webgpu" ? "webgpu" : "wasm",
    async train(work, problem) {
      await tf.setBackend(backend);
      return training(tf, work, problem);
    },
    stop: () => {},
  };
}

interface Rounded {
  readonly groups: number;
  readonly v: Tf.Variable;
  readonly floor: Tf.Tensor;
  readonly scale: Tf.Tensor;
  readonly zero: Tf.Tensor;
}

function training(tf: typeof Tf, { kind, channels, size, images }: Work, problem: Problem): Training {
  const layers = [...problem.layerQParams].map(([layer, qparams]): Rounded => {
    const { kernel, groups } = (layer as Layer & { operation: { op: "conv2d" } }).operation;
    const { start, floor } = startRounding(kernel.data, qparams);
    const [kh, kw, c, k] = kernel.shape as [number, number, number, number];
    // tfjs keeps depthwise kernels as [h, w, channels, 1].
    const shape = groups > 1 ? [kh, kw, k, 1] : [kh, kw, c, k];
    const column = groups > 1 ? [1, 1, k, 1] : [1, 1, 1, k];
    return {
      groups,
      v: tf.variable(tf.tensor(start, shape)),
      floor: tf.tensor(floor, shape),
      scale: tf.tensor(qparams.scale, column),
      zero: tf.tensor(qparams.zero, column),
    };
  });
  const input = tf.tensor4d(problem.input, [images, size, size, channels]);
  const target = tf.tensor4d(problem.target, [images, size, size, channels]);
  const variables = layers.map(({ v }) => v);
  const adam = tf.train.adam(SCHEDULE.learningRate);
  const { warmup, from, to } = SCHEDULE.annealing;

  const conv = (x: Tf.Tensor, w: Tf.Tensor, groups: number) =>
    groups > 1 ? tf.depthwiseConv2d(x as Tf.Tensor4D, w as Tf.Tensor4D, 1, "same") : tf.conv2d(x as Tf.Tensor4D, w as Tf.Tensor4D, 1, "same");
  const block = (x: Tf.Tensor, ws: Tf.Tensor[]) => {
    const layer = (from: Tf.Tensor, i: number) => conv(from, ws[i] as Tf.Tensor, (layers[i] as Rounded).groups);
    if (kind === "basic") return tf.relu(tf.add(layer(tf.relu(layer(x, 0)), 1), x));
    return tf.add(layer(tf.relu6(layer(tf.relu6(layer(x, 0)), 1)), 2), x);
  };
  const iteration = (index: number) =>
    tf.tidy(() => {
      const pick = tf.tensor1d(problem.indices.slice(index * BATCH, (index + 1) * BATCH), "int32");
      const [x, y] = [tf.gather(input, pick), tf.gather(target, pick)];
      const b = exponentAt(index + 1, ITERATIONS, warmup, [from, to]) as number;
      const { value, grads } = tf.variableGrads(() => {
        let regularizer: Tf.Tensor = tf.scalar(0);
        const ws = layers.map(({ v, floor, scale, zero }) => {
          const h = tf.clipByValue(tf.add(tf.mul(tf.sigmoid(v), ZETA - GAMMA), GAMMA), 0, 1);
          regularizer = tf.add(regularizer, tf.sum(tf.sub(1, tf.pow(tf.abs(tf.sub(tf.mul(h, 2), 1)), b))));
          return tf.mul(tf.sub(tf.clipByValue(tf.add(tf.add(floor, h), zero), 0, levelsOf(BITS) - 1), zero), scale);
        });
        const error = tf.div(tf.sum(tf.square(tf.sub(block(x, ws), y))), BATCH * size * size);
        return tf.add(error, tf.mul(regularizer, SCHEDULE.regularizer)) as Tf.Scalar;
      }, variables);
      adam.applyGradients(grads as Record<string, Tf.Variable>);
      return value;
    });

  let next = 0;
  let loss: Tf.Tensor | null = null;
  return {
    async time(iterations) {
      const start = performance.now();
      for (let i = 0; i < iterations; i++) {
        loss?.dispose();
        loss = iteration(next++ % ITERATIONS);
      }
      await Promise.all(variables.map((v) => v.data()));
      return (performance.now() - start) / iterations;
    },
    loss: async () => (await loss?.data())?.[0] ?? Number.NaN,
    dispose() {
      loss?.dispose();
      adam.dispose();
      for (const tensor of [input, target, ...layers.flatMap(({ v, floor, scale, zero }) => [v, floor, scale, zero])]) tensor.dispose();
    },
  };
}
