/**
 * What it costs to be able to go on: the demo's run with checkpoints on the disk (every unit, and the unit in training every minute, as by
 * default) in turns with the same run without; and what a stop and a second start cost beside a run that nothing interrupts.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Cancelled } from "../../src/base/errors";
import { createWasmDevice } from "../../src/engine/wasm/device";
import { checkpointFolder } from "../../src/node/checkpoint-folder";
import type { CheckpointStores } from "../../src/session/checkpoint/store";
import { demoRecipe } from "../../src/session/recipe/defaults";
import { runRecipe } from "../../src/session/run/run";
import type { LabEvent } from "../../src/session/worker/events";
import { median } from "../compare";
import type { Report } from "../result";

const PAIRS = 3;
/** Iterations a unit: units then take as long as in the preset `balanced`. */
const ITERATIONS = 1000;

/** Seconds of a run. @param stop asked at every event: true cancels it */
async function seconds(threads: number, checkpoints: CheckpointStores | null, stop: (event: LabEvent) => boolean = () => false): Promise<number> {
  const controller = new AbortController();
  const recipe = { ...demoRecipe(), iterations: ITERATIONS, device: "wasm" } as const;
  const builtinModel = async (name: string) => new Uint8Array(await readFile(`public/demo/${name}.onnx`));
  const start = performance.now();
  try {
    await runRecipe({
      ...{ recipe, checkpoints, signal: controller.signal },
      sources: { builtinModel, model: null, calibration: null, evaluation: null },
      openDevice: async () => ({ device: await createWasmDevice(threads), reason: "bench" }),
      emit: (event) => {
        if (stop(event)) controller.abort();
      },
    });
  } catch (error) {
    if (!(error instanceof Cancelled)) throw error;
  }
  return (performance.now() - start) / 1000;
}

export async function checkCheckpoints(report: Report, threads: number): Promise<void> {
  const kept: number[] = [];
  const interrupted: number[] = [];
  for (let pair = 0; pair < PAIRS; pair++) {
    const folder = mkdtempSync(join(tmpdir(), "bench-"));
    const without = await seconds(threads, null);
    kept.push((await seconds(threads, checkpointFolder(join(folder, "kept"), true))) / without);
    const stopped = checkpointFolder(join(folder, "stopped"), true);
    const first = await seconds(threads, stopped, (event) => event.type === "unit" && event.index === 3);
    interrupted.push(first + (await seconds(threads, stopped)) - without);
    rmSync(folder, { recursive: true });
  }
  const percent = (ratio: number) => Number(((ratio - 1) * 100).toFixed(1));
  report.check("demo, 1,000 iterations a unit, wasm: % that checkpoints on the disk add", percent(median(kept)));
  report.check("demo, 1,000 iterations a unit, wasm: seconds that a stop and going on add", Number(median(interrupted).toFixed(1)));
}
