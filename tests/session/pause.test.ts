/** Work that is held waits where it yields, with what it has in memory; its time does not count, and a run keeps where it stands first. */
import { afterEach, expect, test } from "vitest";
import { createWasmDevice } from "../../src/engine/wasm/device";
import { heldSince, holdWork, releaseWork, workTime, yieldToEvents } from "../../src/engine/yield";
import type { Sources } from "../../src/session/inputs/sources";
import { demoRecipe } from "../../src/session/recipe/defaults";
import { parseRecipe } from "../../src/session/recipe/schema";
import { runRecipe } from "../../src/session/run/run";
import type { LabEvent } from "../../src/session/worker/events";
import { builtinBytes } from "../support/builtin";

const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

afterEach(releaseWork);

test("work waits at its next yield until it is released, and the time of the hold counts nowhere", async () => {
  const before = workTime();
  holdWork();
  holdWork();
  expect(heldSince()).not.toBeNull();
  let through = false;
  const work = yieldToEvents().then(() => {
    through = true;
  });
  await wait(300);
  expect(through).toBe(false);
  const during = workTime() - before;
  releaseWork();
  await work;
  expect(through).toBe(true);
  expect(during).toBeLessThan(100);
  expect(workTime() - before).toBeLessThan(during + 100);
  expect(heldSince()).toBeNull();
});

test("a run that is held in training says nothing more, keeps the unit once, and ends with the same bits", async () => {
  const demo = demoRecipe();
  const images = { calibration: { ...demo.calibration, count: 64 }, evaluation: { ...demo.evaluation, count: 40 } };
  const recipe = parseRecipe({ ...demo, ...images, device: "wasm", iterations: 150, learningRate: 0.2 }, "test");
  const sources: Sources = { builtinModel: async (name) => builtinBytes(name), model: null, calibration: null, evaluation: null };
  const kept: string[] = [];
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const store = {
    read: async (name: string) => files.get(name) ?? null,
    write: async (name: string, bytes: Uint8Array) => {
      kept.push(name);
      files.set(name, Uint8Array.from(bytes));
    },
    remove: async (name: string) => void files.delete(name),
  };
  let held = false;
  let events = 0;
  const emit = (event: LabEvent) => {
    events++;
    // In the middle of the third unit, once.
    if (event.type !== "losses" || event.unit !== 2 || held) return;
    held = true;
    holdWork();
  };
  const openDevice = async () => ({ device: await createWasmDevice(2), reason: "test" });
  const common = { recipe, sources, openDevice, signal: new AbortController().signal };
  const run = runRecipe({ ...common, emit, checkpoints: { open: async () => store } });
  while (!held) await wait(20);
  await wait(500);
  const said = events;
  await wait(500);
  expect(events).toBe(said);
  expect(kept.filter((name) => name.includes("training"))).toEqual(["weights-002.training.checkpoint"]);
  releaseWork();
  const report = await run;
  const straight = await runRecipe({ ...common, emit: () => {} });
  expect(report.fingerprint).toEqual(straight.fingerprint);
  expect(report.seconds.total).toBeLessThan((straight.seconds.total ?? 0) + 5);
});
