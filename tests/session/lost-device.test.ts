/** A GPU that is taken away in the middle of a run: it goes on on a new device with the same losses; twice in a row ends it. */
import { expect, test } from "vitest";
import { DeviceLost } from "../../src/base/errors";
import { createWebGpuDevice } from "../../src/engine/webgpu/device";
import { memoryCheckpoints, onNewDevices } from "../../src/session/run/lost-device";
import { runRecipe } from "../../src/session/run/run";
import type { LabEvent } from "../../src/session/worker/events";
import { gpuInNode } from "../support/devices";
import { SMALL_SOURCES, smallRecipe } from "../support/small-run";

const recipe = smallRecipe(8, { device: "webgpu", iterations: 8, batch: 2 });

/** Runs the recipe, and destroys its device where asked to. @param lose asked at every event */
async function run(lose: (event: LabEvent) => boolean) {
  const devices: GPUDevice[] = [];
  const gpu = await gpuInNode();
  const adapters = {
    async requestAdapter(options?: GPURequestAdapterOptions) {
      const adapter = await gpu.requestAdapter(options);
      if (!adapter) return null;
      const requestDevice = async (asked?: GPUDeviceDescriptor) => {
        const device = await adapter.requestDevice(asked);
        devices.push(device);
        return device;
      };
      return { limits: adapter.limits, info: adapter.info, requestDevice };
    },
  } as unknown as GPU;
  const events: LabEvent[] = [];
  const emit = (event: LabEvent) => {
    events.push(event);
    if (lose(event)) devices.at(-1)?.destroy();
  };
  const openDevice = async () => ({ device: await createWebGpuDevice(adapters), reason: "test" });
  const report = await runRecipe({ recipe, sources: SMALL_SOURCES, openDevice, emit, signal: new AbortController().signal });
  return { report, events, devices: devices.length };
}

test("lost in the middle of a unit, it goes on to the losses of a run that never lost it", async () => {
  const straight = await run(() => false);
  let lost = false;
  const { report, events, devices } = await run((event) => {
    if (lost || event.type !== "losses" || event.unit !== 2) return false;
    lost = true;
    return true;
  });
  expect(devices).toBe(2);
  expect(report.units.map(({ loss }) => loss)).toEqual(straight.report.units.map(({ loss }) => loss));
  expect(report.accuracy).toEqual(straight.report.accuracy);
  const told = events.flatMap((event) => (event.type === "warning" && event.message.includes("lost") ? [event.message] : []));
  expect(told).toHaveLength(1);
  expect(told[0]).toMatch(/The GPU was lost \(.+\)\. The run goes on from what it had kept, on a new device\./);
});

test("lost twice in a row it stops, and says what to do", async () => {
  let lost = 0;
  const lose = (event: LabEvent) => event.type === "state" && event.state === "calibrating" && lost++ < 5;
  await expect(run(lose)).rejects.toThrow(/second time in a row.*choose the device wasm/);
  expect(lost).toBe(2);
});

test("what was kept between two losses counts; any other error ends the run at once", async () => {
  const stores = memoryCheckpoints();
  let attempts = 0;
  const result = await onNewDevices(
    stores,
    () => {},
    async (own) => {
      const store = await own.open("run");
      if (++attempts > 5) return (await store.read("unit"))?.length;
      await store.write("unit", new Uint8Array(attempts), { unit: "unit", iteration: null });
      throw new DeviceLost("test");
    },
  );
  expect([attempts, result]).toEqual([6, 5]);
  await expect(
    onNewDevices(
      stores,
      () => {},
      () => Promise.reject(new Error("other")),
    ),
  ).rejects.toThrow("other");
});
