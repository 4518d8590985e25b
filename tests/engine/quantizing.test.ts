/** Steps that quantize and train quantizers, on every device, against their formulas in float64. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device, Executable } from "../../src/engine/device";
import { ProgramBuilder } from "../../src/engine/program";
import { type Draw, LOSS_PARTS, padded, type Step } from "../../src/engine/steps";
import { DEVICES } from "../support/devices";
import { randoms, relativeError } from "../support/numbers";

const SIZE = 1030;
const QUANTIZERS = Float32Array.of(9, 0.07, 9, 9, 3, 9);

const roundEven = (x: number) => (Math.abs(x - Math.trunc(x)) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x));

function quantized(x: number, scale: number, zero: number, levels: number) {
  const ratio = Math.fround(x / scale);
  const level = roundEven(ratio) + zero;
  const inside = level >= 0 && level <= levels - 1;
  const clamped = Math.min(levels - 1, Math.max(0, level));
  return { value: (clamped - zero) * scale, slope: clamped - zero - (inside ? ratio : 0), inside };
}

for (const { name, open } of DEVICES)
  describe(`quantizing steps on ${name}`, () => {
    let device: Device;
    beforeAll(async () => {
      device = await open();
    });
    afterAll(() => device.dispose());

    async function run(b: ProgramBuilder, writes: Record<string, Float32Array>, iterations = 1): Promise<Executable> {
      const executable = await device.compile(b.build(), new Map());
      for (const [key, values] of Object.entries(writes)) executable.write(key, values);
      await executable.run({ from: 0, to: iterations });
      return executable;
    }

    function fakeSteps(drop: Draw | null, more: object = {}): Step[] {
      const own = { x: "x", quantizers: "quantizers", index: 1, count: 3, size: SIZE, levels: 16, drop, gradientScale: 0.5 };
      return [
        { op: "fakeQuantize", ...own, out: "out" },
        { op: "fakeQuantizeGrad", ...own, dout: "dout", dx: "dx", sums: "sums", accumulate: false, clamp: null, ...more },
      ];
    }

    async function fake(drop: Draw | null, more: object = {}) {
      const b = new ProgramBuilder();
      for (const key of ["x", "out", "dout", "dx"]) b.host(key, SIZE);
      b.host("quantizers", 6);
      b.host("sums", 3 * LOSS_PARTS);
      b.steps.push(...fakeSteps(drop, more));
      const x = randoms(SIZE, 5);
      const dout = randoms(SIZE, 6);
      const dx = randoms(SIZE, 7);
      const executable = await run(b, { x, dout, dx, quantizers: QUANTIZERS });
      const read = (key: string) => executable.read(key);
      const result = { out: await read("out"), dx: await read("dx"), sums: await read("sums") };
      executable.dispose();
      return { x, dout, before: dx, ...result };
    }

    const scale = Math.fround(0.07);

    test("fake quantization, its gradients to the value and the scale", async () => {
      const { x, dout, out, dx, sums } = await fake(null);
      const points = [...x].map((value) => quantized(value, scale, 3, 16));
      expect(points.some(({ inside }) => !inside)).toBe(true);
      expect(
        relativeError(
          out,
          Float32Array.from(points, ({ value }) => value),
        ),
      ).toBeLessThan(1e-6);
      expect(
        relativeError(
          dx,
          dout.map((g, i) => (points[i]?.inside ? g : 0)),
        ),
      ).toBe(0);
      const slope = points.reduce((sum, point, i) => sum + (dout[i] as number) * point.slope, 0) * 0.5;
      const total = sums.slice(LOSS_PARTS, 2 * LOSS_PARTS).reduce((a, c) => a + c, 0);
      expect(Math.abs(total / slope - 1)).toBeLessThan(1e-4);
    });

    test("accumulates and masks as asked", async () => {
      const { x, dout, before, dx } = await fake(null, { accumulate: true, clamp: { low: -0.1, high: 0.4 } });
      const expected = dout.map((g, i) => {
        const value = x[i] as number;
        const inside = quantized(value, scale, 3, 16).inside;
        return value > Math.fround(-0.1) && value < Math.fround(0.4) ? (inside ? g : 0) + (before[i] as number) : 0;
      });
      expect(relativeError(dx, expected)).toBeLessThan(1e-6);
    });

    test("dropped elements stay as they are, pass their gradient and move no scale", async () => {
      const { x, dout, out, dx, sums } = await fake({ seed: 77, share: 0.4 });
      const points = [...x].map((value) => quantized(value, scale, 3, 16));
      const dropped = points.map(({ value }, i) => Math.abs((out[i] as number) - value) > 1e-6 && out[i] === x[i]);
      const share = dropped.filter(Boolean).length / SIZE;
      expect(share).toBeGreaterThan(0.34);
      expect(share).toBeLessThan(0.46);
      points.forEach(({ inside }, i) => {
        expect(dx[i]).toBe(dropped[i] || inside ? dout[i] : 0);
      });
      const slope = points.reduce((sum, point, i) => sum + (dropped[i] ? 0 : (dout[i] as number) * point.slope), 0) * 0.5;
      const total = sums.slice(LOSS_PARTS, 2 * LOSS_PARTS).reduce((a, c) => a + c, 0);
      expect(Math.abs(total / slope - 1)).toBeLessThan(1e-4);
    });

    test("a mix draws other elements in each iteration, the same ones on every device", async () => {
      const b = new ProgramBuilder();
      for (const key of ["a", "b", "one", "two"]) b.host(key, SIZE);
      const out = b.host("out", SIZE);
      b.step({ op: "mix", a: "a", b: "b", out, size: SIZE, draw: { seed: 5, share: 0.5 } });
      const executable = await device.compile(b.build(), new Map());
      executable.write("a", new Float32Array(SIZE).fill(1));
      executable.write("b", new Float32Array(SIZE));
      await executable.run({ from: 0, to: 1 });
      const first = await executable.read("out");
      await executable.run({ from: 1, to: 2 });
      const second = await executable.read("out");
      executable.dispose();
      const sum = (values: Float32Array) => values.reduce((p, q) => p + q, 0);
      expect(first.slice(0, 12).join("")).toBe("010010100101");
      expect(Math.abs(sum(first) / SIZE - 0.5)).toBeLessThan(0.06);
      const both = first.filter((value, i) => value === 1 && second[i] === 1).length;
      expect(Math.abs(both / SIZE - 0.25)).toBeLessThan(0.06);
    });

    test("sums of columns", async () => {
      const b = new ProgramBuilder();
      const x = randoms(6 * 217, 3);
      b.step({ op: "columnSums", x: b.host("x", x.length), out: b.host("out", 6), rows: 217, columns: 6 });
      const executable = await run(b, { x });
      const expected = new Float32Array(6);
      x.forEach((value, i) => {
        (expected[i % 6] as number) += value;
      });
      expect(relativeError(await executable.read("out"), expected)).toBeLessThan(1e-5);
      executable.dispose();
    });

    test("five steps of Adam on a gradient in parts", async () => {
      const b = new ProgramBuilder();
      const [x, dx] = [randoms(9, 1), randoms(27, 2)];
      const rates = [0.1, 0.08, 0.06, 0.03, 0.01];
      const schedule = Float32Array.from(rates.flatMap((rate, t) => [rate / (1 - 0.9 ** (t + 1)), 1 / Math.sqrt(1 - 0.999 ** (t + 1))]));
      const names = { x: b.host("x", 9), dx: b.host("dx", 27), state: b.host("state", 2 * padded(9)), schedule: b.host("schedule", 10) };
      b.step({ op: "adam", ...names, parts: 3, size: 9 });
      const executable = await run(b, { x, dx, schedule }, 5);
      const expected = x.map((start, i) => {
        const g = (dx[3 * i] as number) + (dx[3 * i + 1] as number) + (dx[3 * i + 2] as number);
        // A constant gradient: both corrected moments are exactly g and g^2.
        return rates.reduce((value, rate) => value - (rate * g) / (Math.abs(g) + 1e-8), start);
      });
      expect(relativeError(await executable.read("x"), expected)).toBeLessThan(1e-4);
      executable.dispose();
    });

    test("AdaQuant's step: weights and scales move, and the kernel is quantized with both", async () => {
      const [size, channels, levels] = [15, 3, 8];
      const b = new ProgramBuilder();
      const [w, dw] = [randoms(size, 11), randoms(size, 12)];
      const quantizers = new Float32Array(12);
      quantizers.set([0.2, 0.3, 0.25], 0);
      quantizers.set([4, 3, 4], 4);
      quantizers.set([0.2, 0.3, 0.25], 8);
      const names = {
        w: b.host("w", size),
        quantizers: b.host("quantizers", 12),
        soft: b.host("soft", size),
        state: b.host("state", 2 * padded(size) + 2 * padded(channels)),
        dw: b.host("dw", size),
        schedule: b.host("schedule", 3),
      };
      b.step({ op: "straightThroughAdam", ...names, size, channels, levels });
      // The first step of Adam moves by its rate against the gradient's sign.
      const executable = await run(b, { w, dw, quantizers, schedule: Float32Array.of(0.05 / 0.1, 1 / Math.sqrt(0.001), 0.02 / 0.1) });
      const slopes = [0, 0, 0];
      const moved = w.map((value, i) => {
        const { slope, inside } = quantized(value, quantizers[i % 3] as number, quantizers[4 + (i % 3)] as number, levels);
        (slopes[i % 3] as number) += (dw[i] as number) * slope;
        return value - (inside ? 0.05 * (quantizers[i % 3] as number) * Math.sign(dw[i] as number) : 0);
      });
      const scales = slopes.map((slope, c) => (quantizers[c] as number) * (1 - 0.02 * Math.sign(slope)));
      expect(relativeError(await executable.read("w"), moved)).toBeLessThan(1e-4);
      expect(relativeError((await executable.read("quantizers")).slice(0, 3), Float32Array.from(scales))).toBeLessThan(1e-4);
      const soft = moved.map((value, i) => quantized(value, scales[i % 3] as number, quantizers[4 + (i % 3)] as number, levels).value);
      expect(relativeError(await executable.read("soft"), soft)).toBeLessThan(1e-4);
      executable.dispose();
    });
  });
