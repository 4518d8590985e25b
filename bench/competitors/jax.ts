/**
 * jax-js: the whole step, gather and Adam included, as one function under `jit`. Arrays are NCHW, as its
 * convolution wants them, and every function owns its arguments (`.ref` keeps one for later).
 */
import type * as Jax from "@jax-js/jax";
import { ADAM, GAMMA, ZETA } from "../../src/engine/steps";
import type { Layer } from "../../src/graph/types";
import { levelsOf } from "../../src/quantize/quantizer";
import { startRounding } from "../../src/quantize/training/rounding";
import { scheduleTable } from "../../src/quantize/training/schedule";
import { BATCH, BITS, ITERATIONS, type Problem, SCHEDULE, type Work } from "../works";
import type { Competitor, Training } from "./competitor";
import { WebWorker } from "./web-worker";

type Value = Jax.Array;
type Fixed = { floor: Value; scale: Value; zero: Value };

/** jax-js on one of its devices, or null where that does not start. */
export async function jax(device: "webgpu" | "wasm"): Promise<Competitor | null> {
  Object.assign(globalThis, { Worker: WebWorker });
  const library = await import("@jax-js/jax");
  if (!(await library.init(device)).includes(device)) return null;
  return {
    name: `jax-js, ${device}`,
    device,
    async train(work, problem) {
      library.defaultDevice(device);
      return training(library, work, problem);
    },
    stop: () => WebWorker.terminateAll(),
  };
}

function training(library: typeof Jax, { kind, channels, size, images }: Work, problem: Problem): Training {
  const { numpy: np, lax, nn, jit, valueAndGrad, blockUntilReady } = library;
  const shapes = [...problem.layerQParams.keys()].map((layer) => {
    const { kernel, groups } = (layer as Layer & { operation: { op: "conv2d" } }).operation;
    return { hwio: kernel.shape as [number, number, number, number], groups };
  });
  const fixed: Fixed[] = [];
  let vs: Value[] = [];
  for (const [layer, qparams] of problem.layerQParams) {
    const { shape, data } = layer.operation.kernel;
    const { start, floor } = startRounding(data, qparams);
    const oihw = (values: Float32Array) => np.transpose(np.array(values as Float32Array<ArrayBuffer>).reshape([...shape]), [3, 2, 0, 1]);
    const column = (values: Float32Array) => np.array(values as Float32Array<ArrayBuffer>).reshape([-1, 1, 1, 1]);
    vs.push(oihw(start));
    fixed.push({ floor: oihw(floor), scale: column(qparams.scale), zero: column(qparams.zero) });
  }
  let ms = vs.map((v) => np.zerosLike(v.ref));
  let us = vs.map((v) => np.zerosLike(v.ref));
  const tensor = (values: Float32Array) =>
    np.transpose(np.array(values as Float32Array<ArrayBuffer>).reshape([images, size, size, channels]), [0, 3, 1, 2]);
  const [input, target] = [tensor(problem.input), tensor(problem.target)];

  const block = (x: Value, ws: Value[]) => {
    const layer = (from: Value, i: number) => {
      const { hwio, groups } = shapes[i] as (typeof shapes)[number];
      const half = (hwio[0] - 1) / 2;
      const pads: [number, number][] = [
        [half, half],
        [half, half],
      ];
      return lax.convGeneralDilated(from, ws[i] as Value, [1, 1], pads, { featureGroupCount: groups });
    };
    if (kind === "basic") return nn.relu(layer(nn.relu(layer(x.ref, 0)), 1).add(x));
    return layer(nn.relu6(layer(nn.relu6(layer(x.ref, 0)), 1)), 2).add(x);
  };
  const loss = (v: Value[], constants: Fixed[], x: Value, y: Value, b: Value) => {
    const regularizers: Value[] = [];
    const ws = v.map((value, i) => {
      const { floor, scale, zero } = constants[i] as Fixed;
      const h = np.clip(
        nn
          .sigmoid(value)
          .mul(ZETA - GAMMA)
          .add(GAMMA),
        0,
        1,
      );
      regularizers.push(np.subtract(1, np.power(np.abs(h.ref.mul(2).sub(1)), b.ref)).sum());
      return np
        .clip(floor.add(h).add(zero.ref), 0, levelsOf(BITS) - 1)
        .sub(zero)
        .mul(scale);
    });
    b.dispose();
    const error = np
      .square(block(x, ws).sub(y))
      .sum()
      .mul(1 / (BATCH * size * size));
    return error.add(regularizers.reduce((a, c) => a.add(c)).mul(SCHEDULE.regularizer));
  };
  const step = jit((v: Value[], m: Value[], u: Value[], constants: Fixed[], x: Value, y: Value, pick: Value, row: Value) => {
    const [b, rate, correction] = [row.ref.slice(0), row.ref.slice(2), row.slice(3)];
    const batch = np.take(x, pick.ref, 0);
    const [value, gradients] = valueAndGrad(loss)(
      v.map((a) => a.ref),
      constants,
      batch,
      np.take(y, pick, 0),
      b,
    );
    const next = (gradients as Value[]).map((gradient, i) => {
      const first = (m[i] as Value).mul(ADAM.beta1).add(gradient.ref.mul(1 - ADAM.beta1));
      const second = (u[i] as Value).mul(ADAM.beta2).add(np.square(gradient).mul(1 - ADAM.beta2));
      const move = first.ref.mul(rate.ref).div(np.sqrt(second.ref).mul(correction.ref).add(ADAM.epsilon));
      return { v: (v[i] as Value).sub(move), m: first, u: second };
    });
    rate.dispose();
    correction.dispose();
    return { next, value };
  });

  const schedule = scheduleTable({ iterations: ITERATIONS, ...SCHEDULE });
  const constants = () => fixed.map(({ floor, scale, zero }) => ({ floor: floor.ref, scale: scale.ref, zero: zero.ref }));
  let next = 0;
  let last: Value | null = null;
  return {
    async time(iterations) {
      const start = performance.now();
      for (let i = 0; i < iterations; i++) {
        const at = next++ % ITERATIONS;
        const pick = np.array(problem.indices.slice(at * BATCH, (at + 1) * BATCH), { dtype: np.int32 });
        const row = np.array(schedule.slice(at * 4, at * 4 + 4));
        const result = step(vs, ms, us, constants(), input.ref, target.ref, pick, row);
        vs = result.next.map(({ v }) => v);
        ms = result.next.map(({ m }) => m);
        us = result.next.map(({ u }) => u);
        last?.dispose();
        last = result.value;
      }
      await blockUntilReady(vs);
      return (performance.now() - start) / iterations;
    },
    loss: async () => (await last?.ref.data())?.[0] ?? Number.NaN,
    dispose() {
      last?.dispose();
      step.dispose();
      for (const array of [input, target, ...vs, ...ms, ...us, ...fixed.flatMap(({ floor, scale, zero }) => [floor, scale, zero])]) array.dispose();
    },
  };
}
