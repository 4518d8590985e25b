/** Whole runs of the demo in Node: bits, events, cancelling, and the two devices against each other. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createWasmDevice } from "../../src/engine/wasm/device";
import { demoRecipe } from "../../src/session/recipe/defaults";
import { parseRecipe } from "../../src/session/recipe/schema";
import { runRecipe } from "../../src/session/run/run";
import { EventBundler, type LabEvent } from "../../src/session/worker/events";
import { DEMO_SOURCES, run, small } from "../support/runs";

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
  test("on 1, 2 and 4 threads", async () => {
    const [one, two, four] = [await run(small(), 1), await run(small(), 2), await run(small(), 4)];
    expect(two.fingerprint).toEqual(one.fingerprint);
    expect(four.fingerprint).toEqual(one.fingerprint);
    expect(two.accuracy).toEqual(one.accuracy);
  });

  test("another seed gives another rounding", async () => {
    const [a, b] = [await run(small({ seed: 1 })), await run(small({ seed: 2 }))];
    expect(a.fingerprint.rounding).not.toBe(b.fingerprint.rounding);
  });
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

test("a cancelled run stops within ten iterations, says nothing more and gives its device back", async () => {
  // The clock is the test's: each look at it takes 25 ms, so that any machine works in steps of one iteration.
  let clock = 0;
  const now = vi.spyOn(performance, "now").mockImplementation(() => (clock += 25));
  try {
    const controller = new AbortController();
    const device = await createWasmDevice(2);
    const [compile, dispose] = [device.compile.bind(device), vi.spyOn(device, "dispose")];
    let iterations = 0;
    device.compile = async (program, tensors) => {
      const executable = await compile(program, tensors);
      const run = executable.run.bind(executable);
      executable.run = (options) => {
        let before = options.from;
        return run({
          ...options,
          onProgress(done) {
            if (controller.signal.aborted) iterations += done - before;
            before = done;
            return options.onProgress?.(done);
          },
        });
      };
      return executable;
    };
    const after: LabEvent[] = [];
    const emit = (event: LabEvent) => {
      if (controller.signal.aborted) after.push(event);
      else if (event.type === "losses") controller.abort();
    };
    const openDevice = async () => ({ device, reason: "test" });
    const recipe = small({ iterations: 400 });
    await expect(runRecipe({ recipe, sources: DEMO_SOURCES, openDevice, emit, signal: controller.signal })).rejects.toThrow("cancelled");
    expect(controller.signal.aborted).toBe(true);
    expect(iterations).toBeLessThanOrEqual(10);
    expect(after).toEqual([]);
    expect(dispose).toHaveBeenCalledOnce();
    const stopped = iterations;
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(iterations).toBe(stopped);
  } finally {
    now.mockRestore();
  }
});

describe("events are delivered", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"], now: 0 });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const unit = (index: number): LabEvent => ({ type: "unit", index, name: "u" });
  const progress = (fraction: number): LabEvent => ({ type: "progress", text: "p", fraction, secondsLeft: null });
  const start = () => {
    const bundles: [at: number, events: LabEvent[]][] = [];
    const origin = performance.now();
    const bundler = new EventBundler((events) => bundles.push([performance.now() - origin, events]));
    return { bundles, bundler };
  };

  test("at once after a rest, else 100 ms after the bundle before; of progress in a row the last counts", () => {
    const { bundles, bundler } = start();
    for (const event of [unit(0), unit(1), progress(0.1), progress(0.2), unit(2)]) bundler.emit(event);
    vi.advanceTimersByTime(40);
    for (const event of [progress(0.3), unit(3), progress(0.4)]) bundler.emit(event);
    vi.advanceTimersByTime(210);
    bundler.emit(unit(4));
    vi.advanceTimersByTime(10);
    bundler.emit(unit(5));
    vi.advanceTimersByTime(10);
    bundler.flush();
    bundler.emit(unit(6));
    bundler.flush();
    bundler.flush();
    bundler.emit(unit(7));
    vi.advanceTimersByTime(1000);
    expect(bundles).toEqual([
      [0, [unit(0)]],
      [100, [unit(1), progress(0.2), unit(2), progress(0.3), unit(3), progress(0.4)]],
      [250, [unit(4)]],
      [270, [unit(5)]],
      [270, [unit(6)]],
      [370, [unit(7)]],
    ]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("at most ten times a second, in order, and none is lost", () => {
    const { bundles, bundler } = start();
    for (let i = 0; i < 2000; i++) {
      bundler.emit(unit(i));
      bundler.emit(progress(i / 2000));
      vi.advanceTimersByTime(1);
    }
    bundler.flush();
    expect(bundles.map(([at]) => at)).toEqual(Array.from({ length: 21 }, (_, i) => 100 * i));
    const events = bundles.flatMap(([, delivered]) => delivered);
    expect(events.filter(({ type }) => type === "unit")).toEqual(Array.from({ length: 2000 }, (_, i) => unit(i)));
    expect(events.at(-1)).toEqual(progress(1999 / 2000));
  });
});

test("fewer calibration images than a batch is refused before anything runs", async () => {
  await expect(run(small({}, 20))).rejects.toThrow(
    "shapes, calibration holds 20 calibration images, fewer than a batch of 32; add images or use a smaller batch.",
  );
});

describe("a memory budget", () => {
  test.each([[256, {}]])(
    "too small for all caches of %i images: they are streamed, the bits stay, and the budget is kept (%o)",
    async (images, change) => {
      const resident = await run(small(change, images));
      expect(resident.memory.streamed).toBe(0);
      const streamed = await run(small({ ...change, memory: 52 }, images));
      expect(streamed.memory.streamed).toBeGreaterThan(0);
      expect(streamed.memory.peak).toBeLessThanOrEqual(52 * 2 ** 20);
      expect(streamed.fingerprint).toEqual(resident.fingerprint);
    },
  );

  test("too small for a program is refused with what would help", async () => {
    await expect(run(small({ memory: 8 }))).rejects.toThrow(/needs \d+ MiB of device memory, more than the budget of 8 MiB; use a smaller batch/);
  });
});

describe("warnings", () => {
  test("images under the wrong normalization: the better one is named", async () => {
    const { warnings } = await run(
      small({ preprocessing: { mean: [0.485, 0.456, 0.406], std: [0.002] }, method: "nearest", weights: { bits: 8 } }, 32, 200),
    );
    expect(warnings.join()).toMatch(/Full precision is [\d.]+ % of \d+ images, but [89][\d.]+ % with (mean|ImageNet)/);
  });

  test("a method that ends below nearest", async () => {
    const { warnings } = await run(small({ weights: { bits: 4 }, learningRate: 10, iterations: 20 }, 64, 200));
    expect(warnings.join()).toMatch(/The result is below nearest rounding: BRECQ ends [\d.]+ points lower/);
  });

  test("none where all is well", async () => {
    expect((await run(small({ method: "nearest", weights: { bits: 8 } }))).warnings).toEqual([]);
  });
});
