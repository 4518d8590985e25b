/** The loss of a residual block, its gradients and twenty Adam steps, against the published release. */
import { afterAll, beforeAll, describe, expect } from "vitest";
import { differentiate } from "../../src/engine/autodiff";
import type { Device } from "../../src/engine/device";
import { ProgramBuilder } from "../../src/engine/program";
import { LOSS_PARTS, padded, ROUND_PARTS, type Step } from "../../src/engine/steps";
import { planes } from "../../src/quantize/training/reconstruct";
import { type Rounding, startRounding } from "../../src/quantize/training/rounding";
import { DEVICES } from "../support/devices";
import { imagesOf, kernelOf } from "../support/layout";
import { relativeError } from "../support/numbers";
import { fixture, numbersOf, sharedTest } from "../support/shared";

const BETAS = [0.9, 0.999] as const;

/** PyTorch's perturbation is indexed in OIHW order. */
function perturbed(start: { shape: number[]; data: number[] }): { shape: number[]; data: number[] } {
  return { shape: start.shape, data: start.data.map((v, k) => v + 0.7 * Math.sin(0.37 * k)) };
}

/** The relaxed weight number `k` where sigmoid(v) is `sigmoid`. */
function relaxed({ floor, scale, zero }: Rounding, bits: number, sigmoid: number, k: number): number {
  const h = Math.min(1, Math.max(0, sigmoid * 1.2 - 0.1));
  const level = Math.min(2 ** bits - 1, Math.max(0, (floor[k] as number) + h + (zero[k] as number)));
  return (level - (zero[k] as number)) * (scale[k] as number);
}

/** The program of one training step of the block, with the first gradient kept. */
function blockProgram(size: number, n: number, hw: number, bits: number, iterations: number) {
  const b = new ProgramBuilder();
  const g = { n, h: hw, w: hw, c: 16, oh: hw, ow: hw, k: 16, kh: 3, kw: 3, sh: 1, sw: 1, dh: 1, dw: 1, pt: 1, pl: 1, groups: 1 };
  const levels = 2 ** bits;
  const words = n * hw * hw * 16;
  for (const name of ["x", "target", "prediction"]) b.host(name, words);
  b.host("losses", LOSS_PARTS + 2 * ROUND_PARTS);
  b.host("schedule", 4 * iterations);
  b.host("ring", 2 * iterations);
  for (const layer of ["a", "b"]) {
    b.host(`${layer}.v`, size);
    b.host(`${layer}.qparams`, 3 * padded(size));
    b.host(`${layer}.state`, 3 * padded(size));
    b.host(`${layer}.bias`, 16);
    b.host(`${layer}.dw`, size);
    b.host(`${layer}.soft`, size);
  }
  const clamp = { low: 0, high: Number.POSITIVE_INFINITY };
  const hidden = b.temp("hidden", words);
  const forward: Step[] = [
    { op: "conv2d", x: "x", w: "a.soft", bias: "a.bias", residual: null, out: hidden, geometry: g, clamp },
    { op: "conv2d", x: hidden, w: "b.soft", bias: "b.bias", residual: "x", out: "prediction", geometry: g, clamp },
    {
      op: "squaredError",
      power: 2,
      prediction: "prediction",
      target: "target",
      weight: null,
      weightScale: null,
      grad: b.temp("grad", words),
      losses: "losses",
      lossesAt: 0,
      size: words,
      positions: n * hw * hw,
      mask: null,
    },
  ];
  const { steps, gradients } = differentiate(b, forward, new Set(["a.soft", "b.soft"]));
  b.steps.push(...steps);
  for (const [index, layer] of ["a", "b"].entries()) {
    const dw = gradients.get(`${layer}.soft`) as string;
    const whole = { offset: 0, strides: [0, 0, 0, 1] as const };
    b.step({ op: "copy", x: dw, out: `${layer}.dw`, extents: [1, 1, 1, size], from: whole, to: whole, accumulate: false });
    b.step({
      op: "roundAdam",
      v: `${layer}.v`,
      qparams: `${layer}.qparams`,
      soft: `${layer}.soft`,
      state: `${layer}.state`,
      dw,
      schedule: "schedule",
      losses: "losses",
      lossesAt: LOSS_PARTS + index * ROUND_PARTS,
      size,
      levels,
    });
  }
  const ranges = [
    { at: 0, count: LOSS_PARTS },
    { at: LOSS_PARTS, count: 2 * ROUND_PARTS },
  ];
  b.step({ op: "record", losses: "losses", ranges, ring: "ring" });
  return b.build();
}

/** Rows that leave v where it is, so that the first moment shows the gradient; or real Adam rows. */
function scheduleRows(iterations: number, b: number, weight: number, rate: number): Float32Array {
  const rows = new Float32Array(iterations * 4);
  for (let i = 0; i < iterations; i++) rows.set([b, weight, rate / (1 - BETAS[0] ** (i + 1)), 1 / Math.sqrt(1 - BETAS[1] ** (i + 1))], i * 4);
  return rows;
}

for (const { name, open } of DEVICES)
  describe(name, () => {
    let device: Device;
    beforeAll(async () => {
      device = await open();
    });
    afterAll(() => device.dispose());

    const cases = [
      ["block_grad_layer1.0_crop8_w2", 8],
      ["block_grad_layer1.0_crop8_w4", 8],
      ["block_grad_layer1.0_full_w2", 32],
    ] as const;
    for (const [file, hw] of cases)
      sharedTest(`${file}: losses, gradients and Adam match the release`, async () => {
        const golden = fixture(file);
        const iterations = 20;
        const run = await device.compile(blockProgram(2304, 4, hw, golden.n_bits, iterations), new Map());
        const load = (alpha: "init" | "pert", schedule: Float32Array) => {
          run.write("x", imagesOf(golden.input));
          run.write("target", imagesOf(golden.target_fp));
          run.write("schedule", schedule);
          golden.conv.forEach((conv: any, i: number) => {
            const layer = ["a", "b"][i] as string;
            const qparams = { bits: golden.n_bits, scale: numbersOf(conv.delta), zero: numbersOf(conv.zero_point) };
            const rounding = startRounding(kernelOf(conv.weight), qparams);
            const v = kernelOf(alpha === "init" ? conv.alpha_init : perturbed(conv.alpha_init));
            run.write(`${layer}.v`, v);
            run.write(`${layer}.qparams`, planes(rounding.floor, rounding.scale, rounding.zero));
            run.write(`${layer}.bias`, numbersOf(conv.bias));
            const sigmoid = v.map((value) => 1 / (1 + Math.exp(-value)));
            run.write(`${layer}.state`, Float32Array.from([...new Float32Array(2 * 2304), ...sigmoid]));
            run.write(
              `${layer}.soft`,
              sigmoid.map((s, k) => relaxed(rounding, golden.n_bits, s, k)),
            );
          });
        };
        /** Gradients to v: Adam's first moment after one step is a tenth of it. */
        const gradients = async () => Promise.all(["a", "b"].map(async (layer) => (await run.read(`${layer}.state`, 0, 2304)).map((m) => m * 10)));
        for (const c of golden.cases) {
          for (const [b, weight, grads, regularizer] of [
            [20, 0, "grad_rec", null],
            [2, 0.01, "grad_total_b2", "round_loss_b2"],
            [20, 0.01, null, "round_loss_b20"],
          ] as const) {
            load(c.alpha, scheduleRows(iterations, b, weight, 0));
            await run.run({ from: 0, to: 1 });
            const [loss, round] = await run.read("ring", 0, 2);
            expect(Math.abs((loss as number) / c.rec_loss - 1), "loss").toBeLessThan(1e-4);
            if (regularizer) expect(Math.abs((round as number) / c[regularizer] - 1), "regularizer").toBeLessThan(1e-5);
            if (c.pred) expect(relativeError(await run.read("prediction"), imagesOf(c.pred)), "prediction").toBeLessThan(1e-5);
            if (!grads || !c[grads]) continue;
            const ours = await gradients();
            c[grads].forEach((expected: any, i: number) => {
              expect(relativeError(ours[i] as Float32Array, kernelOf(expected)), `${c.alpha} ${grads} ${i}`).toBeLessThan(1e-4);
            });
          }
        }
        if (golden.adam) {
          load("pert", scheduleRows(iterations, 2, 0.01, 1e-3));
          await run.run({ from: 0, to: iterations });
          const ring = await run.read("ring");
          golden.adam.trace.forEach((point: any, i: number) => {
            expect(Math.abs((ring[2 * i] as number) / point.rec - 1), `step ${i + 1} loss`).toBeLessThan(2e-4);
            expect(Math.abs((ring[2 * i + 1] as number) / point.round - 1), `step ${i + 1} regularizer`).toBeLessThan(1e-4);
          });
          for (const [i, layer] of ["a", "b"].entries()) {
            const ours = await run.read(`${layer}.v`);
            const theirs = kernelOf(golden.adam.alpha_after_20[i]);
            // Adam divides a gradient by its size: where that is rounding noise, a step's sign is noise too.
            const off = [...ours.keys()].filter((k) => Math.abs((ours[k] as number) - (theirs[k] as number)) > 1e-4);
            expect(off.length).toBeLessThan(ours.length * 0.005);
          }
        }
        run.dispose();
      });
  });
