/** Every step of the engine, forward and backward, on every device, against tfjs and its autodiff. */
import * as tf from "@tensorflow/tfjs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { differentiate } from "../../src/engine/autodiff";
import type { Device } from "../../src/engine/device";
import { fuse } from "../../src/engine/fuse";
import { ProgramBuilder } from "../../src/engine/program";
import { type Geometry, LOSS_PARTS } from "../../src/engine/steps";
import { DEVICES } from "../support/devices";
import { randoms, relativeError } from "../support/numbers";
import { type Case, convCase, geometry } from "./cases";

function poolCase(kind: "maxPool" | "averagePool", g: Geometry, pads: [number, number, number, number], includePad = false): Case {
  return {
    name: `${kind} ${g.kh}x${g.kw} stride ${g.sh} ${pads.some(Boolean) ? (includePad ? "padding counted" : "padded") : ""}`,
    inputs: { x: [g.n, g.h, g.w, g.c] },
    build(b) {
      const out = b.temp("pool", g.n * g.oh * g.ow * g.c);
      if (kind === "maxPool") b.step({ op: "maxPool", x: "x", out, geometry: g });
      else b.step({ op: "averagePool", x: "x", out, geometry: g, includePad });
      return out;
    },
    oracle(t) {
      const x = t.x as tf.Tensor4D;
      const border = (v: tf.Tensor4D, value: number) =>
        tf.pad(
          v,
          [
            [0, 0],
            [pads[0], pads[1]],
            [pads[2], pads[3]],
            [0, 0],
          ],
          value,
        ) as tf.Tensor4D;
      if (kind === "maxPool") return tf.maxPool(border(x, -1e30), [g.kh, g.kw], [g.sh, g.sw], "valid");
      const mean = tf.avgPool(border(x, 0), [g.kh, g.kw], [g.sh, g.sw], "valid");
      if (includePad) return mean;
      return tf.div(mean, tf.avgPool(border(tf.onesLike(x), 0), [g.kh, g.kw], [g.sh, g.sw], "valid"));
    },
  };
}

const same: [number, number, number, number] = [1, 1, 1, 1];
const none: [number, number, number, number] = [0, 0, 0, 0];

const CASES: Case[] = [
  convCase("conv 3x3, bias, residual, ReLU", geometry({ n: 3, h: 6, w: 7, c: 5, k: 9 }, same), same, {
    bias: true,
    residual: true,
    clamp: [0, Infinity],
  }),
  convCase("conv 3x3 with full tiles, ReLU6", geometry({ n: 2, h: 8, w: 8, c: 8, k: 16 }, same), same, { bias: true, clamp: [0, 6] }),
  convCase("conv 3x3 of odd size, residual, ReLU", geometry({ n: 2, h: 9, w: 7, c: 8, k: 12 }, same), same, {
    bias: true,
    residual: true,
    clamp: [0, Infinity],
  }),
  convCase("conv 3x3 of many channels without padding", geometry({ n: 2, h: 11, w: 22, c: 12, k: 20 }), none, { bias: true }),
  convCase("conv 3x3 stride 2", geometry({ n: 2, h: 9, w: 8, c: 4, k: 8, sh: 2, sw: 2 }, same), same, { bias: true }),
  convCase("conv 5x3 stride 2x1, asymmetric padding", geometry({ n: 2, h: 8, w: 7, c: 3, k: 6, kh: 5, sh: 2 }, [2, 1, 0, 2]), [2, 1, 0, 2]),
  convCase("conv 3x3 dilation 2", geometry({ n: 2, h: 9, w: 9, c: 4, k: 5, dh: 2, dw: 2 }, [2, 2, 2, 2]), [2, 2, 2, 2]),
  convCase("conv 1x1", geometry({ n: 3, h: 5, w: 5, c: 12, k: 10, kh: 1, kw: 1 }), none, { bias: true, residual: true }),
  convCase("conv 1x1 stride 2", geometry({ n: 2, h: 8, w: 8, c: 6, k: 8, kh: 1, kw: 1, sh: 2, sw: 2 }), none),
  convCase("fully connected", geometry({ n: 6, h: 1, w: 1, c: 20, k: 10, kh: 1, kw: 1 }), none, { bias: true }),
  convCase("conv 3x3 without padding", geometry({ n: 2, h: 7, w: 6, c: 4, k: 8 }), none),
  convCase("grouped conv", geometry({ n: 2, h: 6, w: 6, c: 8, k: 12, groups: 4 }, same), same, { bias: true, clamp: [0, Infinity] }),
  convCase("channel multiplier", geometry({ n: 2, h: 5, w: 5, c: 3, k: 6, groups: 3 }, same), same),
  convCase("depthwise conv, ReLU6", geometry({ n: 2, h: 7, w: 6, c: 10, k: 10, groups: 10 }, same), same, { bias: true, clamp: [0, 0.5] }),
  convCase("depthwise conv stride 2", geometry({ n: 2, h: 8, w: 8, c: 8, k: 8, groups: 8, sh: 2, sw: 2 }, [0, 1, 0, 1]), [0, 1, 0, 1]),
  convCase("depthwise conv 5x5", geometry({ n: 2, h: 7, w: 9, c: 6, k: 6, groups: 6, kh: 5, kw: 5 }, [2, 2, 2, 2]), [2, 2, 2, 2], { bias: true }),
  convCase(
    "depthwise conv 5x5 stride 2",
    geometry({ n: 9, h: 8, w: 8, c: 4, k: 4, groups: 4, kh: 5, kw: 5, sh: 2, sw: 2 }, [2, 2, 2, 2]),
    [2, 2, 2, 2],
  ),
  convCase("conv 3x3, many tiles", geometry({ n: 2, h: 130, w: 34, c: 8, k: 12 }, same), same, { bias: true, clamp: [0, 1e9] }),
  convCase("conv 3x3, many images", geometry({ n: 9, h: 26, w: 22, c: 8, k: 12 }, same), same, { bias: true }),
  convCase("depthwise conv dilation 2", geometry({ n: 2, h: 8, w: 8, c: 4, k: 4, groups: 4, dh: 2, dw: 2 }, [2, 2, 2, 2]), [2, 2, 2, 2]),
  poolCase("maxPool", geometry({ n: 2, h: 7, w: 7, c: 5, k: 5, sh: 2, sw: 2 }, same), same),
  poolCase("maxPool", geometry({ n: 2, h: 6, w: 6, c: 4, k: 4, kh: 2, kw: 2, sh: 2, sw: 2 }), none),
  poolCase("averagePool", geometry({ n: 2, h: 6, w: 6, c: 4, k: 4, kh: 6, kw: 6 }), none),
  poolCase("averagePool", geometry({ n: 2, h: 7, w: 7, c: 3, k: 3, sh: 2, sw: 2 }, same), same, true),
  poolCase("averagePool", geometry({ n: 2, h: 7, w: 7, c: 3, k: 3, sh: 2, sw: 2 }, same), same, false),
  {
    name: "clamp of a value used twice",
    inputs: { x: [2, 37] },
    build(b) {
      const [act, sum] = [b.temp("act", 74), b.temp("sum", 74)];
      b.step({ op: "clamp", x: "x", out: act, size: 74, low: -0.3, high: 0.8 });
      b.step({ op: "add", a: act, b: "x", out: sum, size: 74, clamp: null });
      return sum;
    },
    oracle: (t) => tf.add(tf.clipByValue(t.x as tf.Tensor, -0.3, 0.8), t.x as tf.Tensor),
  },
  {
    name: "a value added to itself, then clamped",
    inputs: { x: [3, 11] },
    build(b) {
      const sum = b.temp("sum", 33);
      b.step({ op: "add", a: "x", b: "x", out: sum, size: 33, clamp: { low: 0, high: 1 } });
      return sum;
    },
    oracle: (t) => tf.clipByValue(tf.add(t.x as tf.Tensor, t.x as tf.Tensor), 0, 1),
  },
  {
    name: "copy: concatenation of channels",
    inputs: { a: [2, 3, 3, 2], b: [2, 3, 3, 5] },
    build(b) {
      const out = b.temp("concat", 2 * 9 * 7);
      const to = (offset: number) => ({ offset, strides: [63, 21, 7, 1] as const });
      b.step({ op: "copy", x: "a", out, extents: [2, 3, 3, 2], from: { offset: 0, strides: [18, 6, 2, 1] }, to: to(0), accumulate: false });
      b.step({ op: "copy", x: "b", out, extents: [2, 3, 3, 5], from: { offset: 0, strides: [45, 15, 5, 1] }, to: to(2), accumulate: false });
      return out;
    },
    oracle: (t) => tf.concat([t.a as tf.Tensor, t.b as tf.Tensor], 3),
  },
  {
    name: "copy and fill: strided slice padded with a constant",
    inputs: { x: [2, 4, 4, 3] },
    build(b) {
      const out = b.temp("pad", 2 * 4 * 5);
      b.step({ op: "fill", out, size: 40, value: 0.25 });
      b.step({
        op: "copy",
        x: "x",
        out,
        extents: [2, 2, 2, 3],
        from: { offset: 0, strides: [48, 24, 6, 1] },
        to: { offset: 1, strides: [20, 10, 5, 1] },
        accumulate: false,
      });
      return out;
    },
    oracle(t) {
      const even = tf.slice(tf.reshape(t.x as tf.Tensor, [2, 2, 2, 2, 2, 3]), [0, 0, 0, 0, 0, 0], [2, 2, 1, 2, 1, 3]);
      return tf.pad(
        tf.reshape(even, [2, 2, 2, 3]),
        [
          [0, 0],
          [0, 0],
          [0, 0],
          [1, 1],
        ],
        0.25,
      );
    },
  },
  {
    name: "softmax",
    inputs: { x: [5, 11] },
    build(b) {
      const out = b.temp("softmax", 55);
      b.step({ op: "softmax", x: "x", out, rows: 5, columns: 11, log: false });
      return out;
    },
    oracle: (t) => tf.softmax(t.x as tf.Tensor2D),
  },
];

for (const { name, open } of DEVICES) {
  describe(name, () => {
    let device: Device;
    beforeAll(async () => {
      await tf.setBackend("cpu");
      device = await open();
    });
    afterAll(() => device.dispose());

    for (const error of ["squared", "weighted", "full", "power"] as const)
      for (const item of CASES) {
        if (error !== "squared" && !item.name.startsWith("conv 3x3,")) continue;
        test(`${item.name}, ${error} error: value and gradients match tfjs`, async () => {
          const data = Object.fromEntries(
            Object.entries(item.inputs).map(([key, shape], i) => [
              key,
              randoms(
                shape.reduce((p, q) => p * q),
                17 * i + 3,
              ),
            ]),
          );
          const b = new ProgramBuilder();
          for (const [key, values] of Object.entries(data)) b.host(key, values.length);
          const output = item.build(b);
          const size = b.size(output);
          const target = randoms(size, 999);
          const weight = randoms(size, 77).map((v) => v * v);
          const positions = 7;
          b.host("target", size);
          b.host("losses", LOSS_PARTS);
          b.host("ring", 1);
          b.temp("grad", size);
          const grad = [...b.buffers.keys()].find((key) => key.startsWith("grad#")) as string;
          const images = item.inputs.x?.[0] as number;
          const weighs = error === "weighted" || error === "full";
          if (weighs) b.host("weight", size);
          if (error === "weighted") b.host("weightScale", 1);
          const forward = fuse(b.steps, new Set([output]));
          const ends = { prediction: output, target: "target", grad, losses: "losses", lossesAt: 0 };
          if (error === "full") forward.push({ op: "fullError", ...ends, weight: "weight", images, elements: size / images });
          else {
            const [own, scale] = error === "weighted" ? ["weight", "weightScale"] : [null, null];
            forward.push({
              op: "squaredError",
              power: error === "power" ? 2.4 : 2,
              ...ends,
              weight: own as string | null,
              weightScale: scale as string | null,
              size,
              positions,
              mask: null,
            });
          }
          const derivatives = differentiate(b, forward, new Set(Object.keys(data)));
          const steps = [...derivatives.steps];
          steps.push({ op: "record", losses: "losses", ranges: [{ at: 0, count: LOSS_PARTS }], ring: "ring" });
          const copyOut = (from: string, to: string) => {
            b.host(to, b.size(from));
            const whole = { offset: 0, strides: [0, 0, 0, 1] as const };
            steps.push({ op: "copy", x: from, out: to, extents: [1, 1, 1, b.size(from)], from: whole, to: whole, accumulate: false });
          };
          copyOut(output, "value");
          for (const [value, buffer] of derivatives.gradients) copyOut(buffer, `d${value}`);
          const run = await device.compile({ buffers: b.buffers, tensors: b.tensors, steps }, new Map());
          for (const [key, values] of Object.entries(data)) run.write(key, values);
          run.write("target", target);
          if (weighs) run.write("weight", weight);
          if (error === "weighted") run.write("weightScale", Float32Array.of(0.5));
          await run.run({ from: 0, to: 1 });

          const tensors = Object.fromEntries(Object.entries(item.inputs).map(([key, shape]) => [key, tf.tensor(data[key] as Float32Array, shape)]));
          const keys = Object.keys(tensors);
          const lossOf = (...list: tf.Tensor[]) => {
            const y = item.oracle(Object.fromEntries(keys.map((key, i) => [key, list[i] as tf.Tensor])));
            const difference = tf.sub(y, tf.tensor(target, y.shape));
            const weights = tf.tensor(weight, y.shape);
            if (error === "full") {
              const sums = tf.sum(tf.reshape(tf.mul(tf.abs(difference), weights), [images, size / images]), 1);
              return tf.div(tf.sum(tf.square(sums)), size * 100) as tf.Scalar;
            }
            if (error === "power") return tf.div(tf.sum(tf.pow(tf.abs(difference), 2.4)), positions) as tf.Scalar;
            const squares = tf.square(difference);
            return tf.div(tf.sum(error === "weighted" ? tf.mul(squares, tf.mul(weights, 0.5)) : squares), positions) as tf.Scalar;
          };
          const expected = item.oracle(tensors).dataSync();
          const { value: loss, grads } = tf.valueAndGrads(lossOf)(keys.map((key) => tensors[key] as tf.Tensor));
          const tolerance = item.tolerance ?? 2e-5;
          expect(relativeError(await run.read("value"), expected)).toBeLessThan(tolerance);
          expect(relativeError(await run.read("ring"), loss.dataSync())).toBeLessThan(tolerance);
          for (let i = 0; i < keys.length; i++) {
            const key = keys[i] as string;
            const actual = await run.read(`d${key}`);
            expect(relativeError(actual, (grads[i] as tf.Tensor).dataSync()), `gradient to ${key}`).toBeLessThan(tolerance);
          }
          run.dispose();
        });
      }
  });
}
