/**
 * What it costs to be able to go on. Whole runs differ by a fifth on a machine that others use, so what is timed is the keeping itself,
 * as a share of the run that it is done in: packing, hashing, writing and flushing to the disk, of each unit and, far more often than by default, of the
 * unit in training. And after a stop, the time from the second start until training goes on.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Cancelled } from "../../src/base/errors";
import { createWasmDevice } from "../../src/engine/wasm/device";
import { checkpointFolder } from "../../src/node/checkpoint-folder";
import { RunCheckpoints } from "../../src/session/checkpoint/run-checkpoints";
import type { CheckpointStores } from "../../src/session/checkpoint/store";
import { demoRecipe } from "../../src/session/recipe/defaults";
import { runRecipe } from "../../src/session/run/run";
import type { LabEvent } from "../../src/session/worker/events";
import type { Report } from "../result";

/** Milliseconds between two states of the unit in training: by default a minute. */
const EVERY = 1000;
/** The unit in which the run is stopped. */
const STOPPED = 3;

interface Timed {
  readonly milliseconds: number;
  /** Spent on keeping, and how often something was kept. */
  readonly keeping: number;
  readonly kept: number;
}

/** @param listen hears every event, and may stop the run */
async function run(threads: number, checkpoints: CheckpointStores, listen: (event: LabEvent, stop: () => void) => void): Promise<Timed> {
  const controller = new AbortController();
  const builtinModel = async (name: string) => new Uint8Array(await readFile(`public/demo/${name}.onnx`));
  let [keeping, kept] = [0, 0];
  const prototype = RunCheckpoints.prototype as unknown as Record<"keepUnit" | "keepTraining", (...given: unknown[]) => Promise<void>>;
  const { keepUnit, keepTraining } = prototype;
  for (const [name, method] of Object.entries({ keepUnit, keepTraining }) as ["keepUnit" | "keepTraining", typeof keepUnit][])
    prototype[name] = async function (...given) {
      const start = performance.now();
      kept++;
      await method.apply(this, given).finally(() => {
        keeping += performance.now() - start;
      });
    };
  const start = performance.now();
  try {
    await runRecipe({
      ...{ recipe: { ...demoRecipe(), iterations: 1000, device: "wasm" }, checkpoints, signal: controller.signal },
      sources: { builtinModel, model: null, calibration: null, evaluation: null },
      openDevice: async () => ({ device: await createWasmDevice(threads), reason: "bench" }),
      emit: (event) => listen(event, () => controller.abort()),
    });
  } catch (error) {
    if (!(error instanceof Cancelled)) throw error;
  } finally {
    Object.assign(prototype, { keepUnit, keepTraining });
  }
  return { milliseconds: performance.now() - start, keeping, kept };
}

export async function checkCheckpoints(report: Report, threads: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "bench-"));
  const name = "demo, 1,000 iterations a unit, wasm";
  const whole = await run(threads, checkpointFolder(join(folder, "whole"), true, EVERY), () => {});
  report.check(`${name}: checkpoints written, the unit in training each second`, whole.kept);
  report.check(`${name}: % of the run's time spent on them`, Number(((100 * whole.keeping) / whole.milliseconds).toFixed(2)));
  const stopped = checkpointFolder(join(folder, "stopped"), true);
  await run(threads, stopped, (event, stop) => event.type === "unit" && event.index === STOPPED && stop());
  const again = performance.now();
  let goesOn = 0;
  await run(threads, stopped, (event, stop) => {
    if (event.type !== "losses" || event.unit !== STOPPED) return;
    goesOn ||= (performance.now() - again) / 1000;
    stop();
  });
  rmSync(folder, { recursive: true });
  report.check(`${name}: seconds until training goes on after a stop in unit ${STOPPED}`, Number(goesOn.toFixed(1)));
}
