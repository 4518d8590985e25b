/** A finished run of two units, for tests of what is kept of it. */
import { LossCurves } from "../../../src/app/charts/curves";
import type { Circumstances, Finished } from "../../../src/app/runs/record";
import type { NetworkView } from "../../../src/session/network/view";
import { demoRecipe } from "../../../src/session/recipe/defaults";
import type { Recipe } from "../../../src/session/recipe/recipe";
import type { Report } from "../../../src/session/run/report";
import type { LabEvent } from "../../../src/session/worker/events";

const accuracy = (top1: number) => ({ top1, agreement: top1, images: 100 });

export function reportOf(recipe: Recipe = demoRecipe(), change: Partial<Report> = {}): Report {
  const unit = (name: string, last: number): Report["units"][number] => ({
    name,
    phase: "weights",
    layers: [`${name}.conv`],
    bits: [2],
    loss: { first: 1, last, sampled: [[1, 1] as const, [500, last] as const] },
    settled: 1,
    iterations: 500,
    reused: name === "b",
    seconds: 1,
  });
  return {
    arithmetic: 2,
    recipe,
    device: { kind: "wasm", description: "WebAssembly, 2 threads", reason: "" },
    memory: { budget: 1e9, expected: 1e8, streamed: 0, peak: 1e8 },
    evaluatedOn: "evaluation",
    accuracy: { fullPrecision: accuracy(95), nearest: accuracy(64.25), quantized: accuracy(94.5) },
    units: [unit("a", 0.1), unit("b", 0.2)],
    diagnosis: [],
    warnings: [],
    seconds: { total: 12.5 },
    fingerprint: { top1: 94.5, agreement: 94.5, losses: [0.1, 0.2], rounding: "0".repeat(64), result: "1".repeat(64) },
    ...change,
  };
}

/** Unit a has curves of its own, unit b was taken from an earlier run. */
export function finished(report: Report = reportOf()): Finished {
  const curves = new LossCurves();
  const values = Float32Array.from({ length: 500 }, (_, i) => 1 / (i + 1));
  const events: LabEvent[] = [
    { type: "unit", index: 0, name: "a" },
    { type: "losses", unit: 0, points: [], run: { first: 0, reconstruction: values, regularizer: values } },
    { type: "unit", index: 1, name: "b" },
  ];
  curves.feed(events);
  return {
    report,
    network: {
      units: [
        { name: "a", layers: [{}, {}] },
        { name: "b", layers: [{}] },
      ],
    } as unknown as NetworkView,
    curves: curves.units,
    soFar: [
      {
        method: "quantized",
        phase: "weights",
        unit: 0,
        name: "a",
        noise: 0.0123456789,
        accuracy: accuracy(94),
        full: accuracy(95),
        predictions: ["circle"],
      },
    ],
    classes: {
      names: ["x", "y"],
      counts: [50, 50],
      accuracy: { fullPrecision: [96, 94], nearest: [60, 68], quantized: [95, 94] },
      confusion: {
        fullPrecision: Uint32Array.of(48, 2, 3, 47),
        nearest: Uint32Array.of(30, 20, 16, 34),
        quantized: Uint32Array.of(47, 3, 3, 47),
      },
    },
  };
}

export const CIRCUMSTANCES: Circumstances = { id: "1", date: new Date("2026-11-26T03:00:00Z"), app: "0.1.0", experiment: null, taken: [] };
