/** Whole runs of the demo in Node: bits, events, cancelling, and the two devices against each other. */

import { describe, expect, test } from "vitest";
import { createWasmDevice } from "../../src/engine/wasm/device";
import type { Sources } from "../../src/session/inputs/sources";
import type { Recipe } from "../../src/session/recipe/recipe";
import { demoRecipe, parseRecipe } from "../../src/session/recipe/schema";
import type { Report } from "../../src/session/run/report";
import { runRecipe } from "../../src/session/run/run";
import { EventBundler, type LabEvent } from "../../src/session/worker/events";
import { builtinBytes } from "../support/builtin";

const SOURCES: Sources = {
  builtinModel: async (name) => builtinBytes(name),
  model: null,
  calibration: null,
  evaluation: null,
};

function small(change: object = {}, calibration = 64, evaluation = 100): Recipe {
  const demo = demoRecipe();
  return parseRecipe(
    {
      ...demo,
      calibration: { ...demo.calibration, count: calibration },
      evaluation: { ...demo.evaluation, count: evaluation },
      iterations: 12,
      learningRate: 0.2,
      ...change,
    },
    "test",
  );
}

function run(recipe: Recipe, threads = 2, emit: (event: LabEvent) => void = () => {}, signal = new AbortController().signal): Promise<Report> {
  const budget = recipe.memory === null ? undefined : recipe.memory * 2 ** 20;
  const openDevice = async () => ({ device: await createWasmDevice(threads, budget), reason: "test" });
  return runRecipe({ recipe, sources: SOURCES, openDevice, emit, signal });
}

test("the demo at full size: full precision 90 to 97 %, nearest 2 bit at least 20 points lower, BRECQ between", async () => {
  const demo = parseRecipe({ ...demoRecipe(), iterations: 60, learningRate: 0.3 }, "test");
  const { accuracy } = await run(demo);
  const top1 = (name: keyof typeof accuracy) => accuracy[name].top1 as number;
  expect(accuracy.fullPrecision.images).toBe(2000);
  expect(top1("fullPrecision")).toBeGreaterThanOrEqual(90);
  expect(top1("fullPrecision")).toBeLessThanOrEqual(97);
  expect(top1("nearest")).toBeLessThan(top1("fullPrecision") - 20);
  expect(top1("quantized")).toBeGreaterThan(top1("nearest") + 15);
});

describe("the wasm device gives the same bits", () => {
  for (const [what, change] of [
    ["mse by block", {}],
    ["Fisher by layer", { unit: "layer", loss: "fisher_diag" }],
  ] as const)
    test(`${what}: on 1, 2 and 4 threads`, async () => {
      const recipe = small(change);
      const [one, two, four] = [await run(recipe, 1), await run(recipe, 2), await run(recipe, 4)];
      expect(two.fingerprint).toEqual(one.fingerprint);
      expect(four.fingerprint).toEqual(one.fingerprint);
      expect(two.accuracy).toEqual(one.accuracy);
    });

  test("another seed gives another rounding", async () => {
    const [a, b] = [await run(small({ seed: 1 })), await run(small({ seed: 2 }))];
    expect(a.fingerprint.rounding).not.toBe(b.fingerprint.rounding);
  });
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

test("a run tells its story in order", async () => {
  const events: LabEvent[] = [];
  const report = await run(small(), 2, (event) => events.push(event));
  const states = events.flatMap((event) => (event.type === "state" ? [event.state] : []));
  expect(states).toEqual(["loading", "calibrating", "quantizing", "evaluating", "done"]);
  expect(events.flatMap((event) => (event.type === "accuracy" ? [event.name] : []))).toEqual(["fullPrecision", "nearest", "quantized"]);
  expect(events.filter((event) => event.type === "unitDone")).toHaveLength(report.units.length);
  for (const [unit, { iterations }] of report.units.entries()) {
    const points = events.flatMap((event) => (event.type === "losses" && event.unit === unit ? event.points : []));
    expect(points.at(-1)?.iteration).toBe(iterations);
  }
  const fractions = events.flatMap((event) => (event.type === "progress" ? [event.fraction] : []));
  expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
  expect(report.units[0]?.layers).toEqual(["layer1.0/conv1", "layer1.0/conv2"]);
});

test("a cancelled run stops soon and leaves nothing running", async () => {
  const controller = new AbortController();
  const started = performance.now();
  const long = small({ iterations: 20000 });
  const running = run(long, 2, (event) => event.type === "losses" && controller.abort(), controller.signal);
  await expect(running).rejects.toThrow("cancelled");
  expect(performance.now() - started).toBeLessThan(20_000);
});

test("events are delivered at most ten times a second, and none is lost", async () => {
  const bundles: { at: number; events: LabEvent[] }[] = [];
  const bundler = new EventBundler((events) => bundles.push({ at: performance.now(), events }));
  for (let i = 0; i < 200; i++) {
    bundler.emit({ type: "unit", index: i, name: "u" });
    bundler.emit({ type: "progress", text: "p", fraction: i / 200, secondsLeft: null });
    if (i % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 25));
  }
  bundler.flush();
  const units = bundles.flatMap(({ events }) => events).filter((event) => event.type === "unit");
  expect(units.map((event) => event.type === "unit" && event.index)).toEqual(Array.from({ length: 200 }, (_, i) => i));
  const gaps = bundles.slice(1, -1).map(({ at }, i) => at - (bundles[i]?.at as number));
  for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(98);
});

test("fewer calibration images than a batch is refused before anything runs", async () => {
  await expect(run(small({}, 20))).rejects.toThrow(
    "shapes, calibration holds 20 calibration images, fewer than a batch of 32; add images or use a smaller batch.",
  );
});

describe("a memory budget", () => {
  test.each([
    [256, {}],
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

  test("too small for a program is refused with what would help", async () => {
    await expect(run(small({ memory: 8 }))).rejects.toThrow(/needs \d+ MiB of device memory, more than the budget of 8 MiB; use a smaller batch/);
  });
});

test("half-precision caches halve what the caches take and leave the accuracy", async () => {
  const [single, half] = [await run(small({ iterations: 60 }, 128)), await run(small({ iterations: 60, cache: "f16" }, 128))];
  expect(half.memory.expected).toBeLessThan(single.memory.expected);
  expect(Math.abs(half.accuracy.quantized.agreement - single.accuracy.quantized.agreement)).toBeLessThanOrEqual(5);
});

describe("warnings", () => {
  test("images under the wrong normalization: the better one is named", async () => {
    const { warnings } = await run(
      small({ preprocessing: { mean: [0.485, 0.456, 0.406], std: [0.002] }, method: "nearest", weights: { bits: 8 } }, 32, 200),
    );
    expect(warnings.join()).toMatch(/Full precision is [\d.]+ % of 200 images, but [89][\d.]+ % with (mean|ImageNet)/);
  });

  test("a method that ends below nearest", async () => {
    const { warnings } = await run(small({ weights: { bits: 4 }, learningRate: 10, iterations: 20 }, 64, 200));
    expect(warnings.join()).toMatch(/BRECQ ends [\d.]+ points below nearest rounding/);
  });

  test("none where all is well", async () => {
    expect((await run(small({ method: "nearest", weights: { bits: 8 } }))).warnings).toEqual([]);
  });
});

test("each unit is diagnosed: noise, and accuracy with only it and with all but it", async () => {
  const { diagnosis, accuracy } = await run(small({ diagnose: true, activations: { bits: 4, iterations: 5 } }, 64, 200));
  expect(diagnosis.map(({ name }) => name)).toEqual(["conv1", "layer1.0", "layer1.1", "layer2.0", "layer2.1", "layer3.0", "layer3.1", "fc"]);
  for (const { sqnr, cosine, only, without } of diagnosis) {
    expect(sqnr).toBeGreaterThan(0);
    expect(cosine).toBeGreaterThan(0.3);
    expect(cosine).toBeLessThanOrEqual(1);
    expect(only?.agreement).toBeGreaterThanOrEqual(accuracy.quantized.agreement - 2);
    expect(without?.images).toBe(200);
  }
  // The first layer at 8 bit is quieter than the blocks at 2 bit after it.
  expect(diagnosis[0]?.sqnr).toBeGreaterThan(20 + (diagnosis[1]?.sqnr ?? 0));
});
