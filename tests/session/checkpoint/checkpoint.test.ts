/** A run that is interrupted and goes on ends with the bits of one that is not (on WebGPU: lost-device.test.ts); what is damaged or another's is never taken. */
import { expect, test } from "vitest";
import { Cancelled } from "../../../src/base/errors";
import { createWasmDevice } from "../../../src/engine/wasm/device";
import { RunCheckpoints } from "../../../src/session/checkpoint/run-checkpoints";
import type { CheckpointStore, CheckpointStores } from "../../../src/session/checkpoint/store";
import type { Recipe } from "../../../src/session/recipe/recipe";
import type { Report } from "../../../src/session/run/report";
import { runRecipe } from "../../../src/session/run/run";
import type { LabEvent } from "../../../src/session/worker/events";
import { SMALL_SOURCES, smallRecipe } from "../../support/small-run";

const small = (change: object = {}) => smallRecipe(64, { device: "wasm", iterations: 40, ...change });

/** A store in memory, as a disk would have it. */
class Disk implements CheckpointStores {
  readonly files = new Map<string, Uint8Array<ArrayBuffer>>();
  writes = 0;
  /** Called before each write. */
  onWrite: (name: string) => void = () => {};

  async open(): Promise<CheckpointStore> {
    return {
      read: async (name) => this.files.get(name)?.slice() ?? null,
      write: async (name, bytes) => {
        this.writes++;
        this.onWrite(name);
        this.files.set(name, Uint8Array.from(bytes));
      },
      remove: async (name) => void this.files.delete(name),
    };
  }
}

interface Ended {
  readonly report: Report | null;
  readonly events: readonly LabEvent[];
}

/** @param stop asked at every event: true cancels the run */
async function run(recipe: Recipe, checkpoints: CheckpointStores | null, stop: (event: LabEvent) => boolean = () => false): Promise<Ended> {
  const controller = new AbortController();
  const events: LabEvent[] = [];
  const emit = (event: LabEvent) => {
    events.push(event);
    if (stop(event)) controller.abort();
  };
  const openDevice = async () => ({ device: await createWasmDevice(2), reason: "test" });
  const common = { recipe, sources: SMALL_SOURCES, openDevice, emit, signal: controller.signal };
  try {
    return { report: await runRecipe({ ...common, ...(checkpoints ? { checkpoints } : {}) }), events };
  } catch (error) {
    if (!(error instanceof Cancelled)) throw error;
    return { report: null, events };
  }
}

const resumed = ({ events }: Ended) => events.flatMap((event) => (event.type === "resumed" ? [event] : []));
const warnings = ({ events }: Ended) => events.flatMap((event) => (event.type === "warning" ? [event.message] : []));
const lossesOf = ({ events }: Ended, unit: number) =>
  events.flatMap((event) => (event.type === "losses" && event.unit === unit ? [...event.run.reconstruction] : []));

/** Stops as a unit begins: it is kept before its last iteration, where it has some. */
const inUnit = (unit: number) => (event: LabEvent) => event.type === "unit" && event.index === unit;

const METHODS: readonly [title: string, change: object][] = [
  ["BRECQ, W2A4 with trained scales", { activations: { bits: 4, scale: "max", iterations: 30 } }],
  ["BRECQ, W2, Fisher", { loss: "fisher_diag", unit: "layer" }],
  ["QDrop, W2A4", { method: "qdrop", activations: { bits: 4, scale: "max" } }],
  ["AdaQuant, W4A4", { method: "adaquant", weights: { bits: 4 }, activations: { bits: 4, scale: "max", learn: false } }],
  ["Bit-Split, W3", { method: "bitsplit", weights: { bits: 3 } }],
];

test.each(METHODS)("%s: stopped in a unit and once more in a later one, it ends with the same report", async (_title, change) => {
  const recipe = small(change);
  const straight = await run(recipe, null);
  const disk = new Disk();
  for (const unit of [2, 4]) expect((await run(recipe, disk, inUnit(unit))).report).toBeNull();
  const end = await run(recipe, disk);
  const { report } = end;
  expect(report?.fingerprint).toEqual(straight.report?.fingerprint);
  expect(report?.accuracy).toEqual(straight.report?.accuracy);
  expect(report?.units.map(({ name, loss }) => [name, loss])).toEqual(straight.report?.units.map(({ name, loss }) => [name, loss]));
  expect(report?.warnings).toEqual(straight.report?.warnings);
  expect(resumed(end).filter(({ iteration }) => iteration === null).length).toBeGreaterThanOrEqual(4);
  // All losses are told, of units done before and of the one that goes on.
  for (const unit of [0, 3, 4, 5]) expect(lossesOf(end, unit)).toEqual(lossesOf(straight, unit));
});

test("a unit in training goes on where it was kept, at any iteration, on wasm with the same bits", async () => {
  const recipe = small({ iterations: 150 });
  const straight = await run(recipe, null);
  const disk = new Disk();
  const stopped = await run(recipe, disk, inUnit(3));
  expect(stopped.report).toBeNull();
  expect([...disk.files.keys()].sort()).toEqual([
    "weights-000.checkpoint",
    "weights-001.checkpoint",
    "weights-002.checkpoint",
    "weights-003.training.checkpoint",
  ]);
  const end = await run(recipe, disk);
  const [last] = resumed(end).filter(({ iteration }) => iteration !== null);
  expect(last?.iteration).toBeGreaterThan(0);
  expect(last?.iteration).toBeLessThan(150);
  expect(end.report?.fingerprint).toEqual(straight.report?.fingerprint);
  expect(disk.files.has("weights-003.training.checkpoint")).toBe(false);
});

test("a checkpoint that is cut short, changed, of another unit, run or version is told of and not taken", async () => {
  const recipe = small();
  const straight = await run(recipe, null);
  const whole = new Disk();
  await run(recipe, whole, inUnit(3));
  const other = new Disk();
  await run(small({ seed: 7 }), other, inUnit(3));
  const name = "weights-001.checkpoint";
  const good = whole.files.get(name) as Uint8Array<ArrayBuffer>;
  const changed = (at: number) => good.map((byte, i) => (i === at ? byte ^ 1 : byte));
  const damages: [Uint8Array<ArrayBuffer>, RegExp][] = [
    [good.slice(0, good.length - 100), /checksum does not fit/],
    [good.slice(0, 20), /its beginning is lost/],
    [new Uint8Array(0), /its beginning is lost/],
    [changed(good.length >> 1), /checksum does not fit/],
    [changed(30), /checksum does not fit|beginning is lost/],
    [changed(21), /of version [^1]|beginning is lost/],
    [whole.files.get("weights-002.checkpoint") as Uint8Array<ArrayBuffer>, /another run or unit/],
    [other.files.get(name) as Uint8Array<ArrayBuffer>, /another run or unit/],
  ];
  for (const [bytes, message] of damages) {
    const disk = new Disk();
    for (const [file, content] of whole.files) disk.files.set(file, file === name ? bytes : content);
    const end = await run(recipe, disk);
    expect(warnings(end).filter((text) => text.includes(name))).toEqual([expect.stringMatching(message)]);
    expect(resumed(end)).toHaveLength(3);
    expect(end.report?.fingerprint).toEqual(straight.report?.fingerprint);
  }
});

test("where nothing can be written that is told once, and the run goes on", async () => {
  const disk = new Disk();
  disk.onWrite = () => {
    throw new Error("no space left on device");
  };
  const end = await run(small(), disk);
  expect(warnings(end).filter((text) => text.includes("no space left on device"))).toHaveLength(1);
  expect(end.report).not.toBeNull();
  expect(disk.writes).toBe(1);
});

test("a unit in training is kept again when its time has come, and at once where the run is stopped", () => {
  const controller = new AbortController();
  const options = { run: "r", signal: controller.signal, emit: () => {}, store: {} as CheckpointStore };
  expect(new RunCheckpoints({ ...options, every: 0 }).isDue()).toBe(true);
  const slow = new RunCheckpoints(options);
  expect(slow.isDue()).toBe(false);
  controller.abort();
  expect(slow.isDue()).toBe(true);
});
