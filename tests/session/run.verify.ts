/** Whole runs of the demo that take longer than a test may: every granularity and loss, threads, memory, diagnosis. */
import { describe, expect, test } from "vitest";
import { run, small } from "../support/runs";

test("Fisher by layer gives the same bits on 1, 2 and 4 threads", async () => {
  const recipe = small({ unit: "layer", loss: "fisher_diag" });
  const [one, two, four] = [await run(recipe, 1), await run(recipe, 2), await run(recipe, 4)];
  expect(two.fingerprint).toEqual(one.fingerprint);
  expect(four.fingerprint).toEqual(one.fingerprint);
  expect(two.accuracy).toEqual(one.accuracy);
});

test("every granularity and loss runs, 8 bit loses nothing, and the last layer stays at 8 bit", async () => {
  for (const unit of ["layer", "block", "stage", "net"] as const) {
    const report = await run(small({ unit, weights: { bits: 8, scale: "max" }, iterations: 2 }, 32, 50));
    expect(report.accuracy.quantized.agreement).toBeGreaterThanOrEqual(98);
    expect(report.units.at(-1)).toMatchObject({ name: "fc", bits: [8] });
  }
  for (const loss of ["fisher_diag", "fisher_diag_damped", "fisher_full"] as const)
    expect((await run(small({ loss, iterations: 2 }, 40, 20))).units).toHaveLength(7);
});

describe("a memory budget", () => {
  test.each([
    [256, { loss: "fisher_diag", unit: "stage" }],
    [640, { cache: "f16", inputs: "full" }],
  ])("too small for all caches of %i images: they are streamed, the bits stay, and the budget is kept (%o)", async (images, change) => {
    const resident = await run(small(change, images));
    expect(resident.memory.streamed).toBe(0);
    const streamed = await run(small({ ...change, memory: 52 }, images));
    expect(streamed.memory.streamed).toBeGreaterThan(0);
    expect(streamed.memory.peak).toBeLessThanOrEqual(52 * 2 ** 20);
    expect(streamed.fingerprint).toEqual(resident.fingerprint);
  });

  test("what a run is expected to need is what it takes, within a tenth", async () => {
    for (const change of [{}, { loss: "fisher_diag_damped" }, { unit: "layer", inputs: "full" }]) {
      const { memory } = await run(small({ ...change, batch: 8 }, 512));
      expect(memory.peak / memory.expected).toBeGreaterThan(0.9);
      expect(memory.peak / memory.expected).toBeLessThan(1.1);
    }
  });
});

test("half-precision caches halve what the caches take and leave the accuracy", async () => {
  const [single, half] = [await run(small({ iterations: 60 }, 128)), await run(small({ iterations: 60, cache: "f16" }, 128))];
  expect(half.memory.expected).toBeLessThan(single.memory.expected);
  expect(Math.abs(half.accuracy.quantized.agreement - single.accuracy.quantized.agreement)).toBeLessThanOrEqual(5);
});

test("each unit is diagnosed: noise, and accuracy with only it and with all but it", async () => {
  const { diagnosis, accuracy } = await run(small({ diagnose: true, activations: { bits: 4, iterations: 5 } }, 64, 200));
  expect(diagnosis.map(({ name }) => name)).toEqual(["conv1", "layer1.0", "layer1.1", "layer2.0", "layer2.1", "layer3.0", "layer3.1", "fc"]);
  for (const { sqnr, cosine, only, without } of diagnosis) {
    expect(sqnr).toBeGreaterThan(0);
    expect(cosine).toBeGreaterThan(0.3);
    expect(cosine).toBeLessThanOrEqual(1);
    expect(only?.agreement).toBeGreaterThanOrEqual(accuracy.quantized.agreement - 5);
    expect(without?.images).toBe(200);
  }
  // The first layer at 8 bit is quieter than the blocks at 2 bit after it.
  expect(diagnosis[0]?.sqnr).toBeGreaterThan(20 + (diagnosis[1]?.sqnr ?? 0));
});
