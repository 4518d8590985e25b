/** Units in a folder: taken by another trial with the same bits; what is damaged, or of something else, is trained anew. */
import { expect, test } from "vitest";
import { createWasmDevice } from "../../../src/engine/wasm/device";
import type { CachedUnit } from "../../../src/quantize/unit-cache";
import { runRecipe } from "../../../src/session/run/run";
import { type SharedFiles, SharedUnits } from "../../../src/session/trials/shared-units";
import { SMALL_SOURCES, smallRecipe } from "../../support/small-run";

function folder(): SharedFiles & { readonly files: Map<string, Uint8Array<ArrayBuffer>> } {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  return {
    files,
    read: async (name) => files.get(name)?.slice() ?? null,
    write: async (name, bytes) => void files.set(name, Uint8Array.from(bytes)),
  };
}

const never = (why: string) => {
  throw new Error(why);
};

const UNIT: CachedUnit = {
  outcome: {
    kernels: new Map([["conv", Float32Array.of(1, 2, 3)]]),
    weights: new Map([["conv", { bits: 3, scale: Float32Array.of(0.5), zero: Float32Array.of(4) }]]),
    biases: new Map([["conv", Float32Array.of(-1)]]),
    quantizers: new Map([["input", { bits: 8, scale: 0.25, zero: 3 }]]),
    settled: 0.75,
    losses: Float32Array.of(3, 2, 1),
  },
  samples: [{ first: 0, reconstruction: [3, 2, 1], regularizer: [0, 0.5, 0.25] }],
};

test("a unit comes back as it was kept, to another process too", async () => {
  const files = folder();
  await new SharedUnits(files, never).set("key", UNIT);
  expect(await new SharedUnits(files, never).get("key")).toEqual(UNIT);
  expect(await new SharedUnits(files, never).get("other")).toBeNull();
});

test("a unit that was cut short, changed, or put under another's name is not taken", async () => {
  const files = folder();
  await new SharedUnits(files, never).set("key", UNIT);
  await new SharedUnits(files, never).set("other", UNIT);
  const [own, other] = [...files.files.keys()] as [string, string];
  const good = files.files.get(own) as Uint8Array<ArrayBuffer>;
  for (const bytes of [
    good.slice(0, -9),
    new Uint8Array(3),
    good.map((byte, i) => (i === good.length >> 1 ? byte ^ 4 : byte)),
    files.files.get(other),
  ]) {
    files.files.set(own, bytes as Uint8Array<ArrayBuffer>);
    expect(await new SharedUnits(files, never).get("key")).toBeNull();
  }
});

test("where nothing can be written that is told, and the unit is still known here", async () => {
  const said: string[] = [];
  const units = new SharedUnits({ read: async () => null, write: () => Promise.reject(new Error("disk full")) }, (why) => said.push(why));
  await units.set("key", UNIT);
  expect([said, await units.get("key")]).toEqual([["disk full"], UNIT]);
});

test("a run that takes all units from the folder is the run that trained them, bit for bit", async () => {
  const files = folder();
  const run = (units: SharedUnits) =>
    runRecipe({
      ...{ recipe: smallRecipe(32, { device: "wasm", iterations: 20 }), sources: SMALL_SOURCES, units, emit: () => {} },
      openDevice: async () => ({ device: await createWasmDevice(2), reason: "test" }),
      signal: new AbortController().signal,
    });
  const first = await run(new SharedUnits(files, never));
  const second = await run(new SharedUnits(files, never));
  expect(first.units.map(({ reused }) => reused)).not.toContain(true);
  expect(second.units.map(({ reused }) => reused)).not.toContain(false);
  expect(second.fingerprint).toEqual(first.fingerprint);
  expect(second.units.map(({ loss }) => loss)).toEqual(first.units.map(({ loss }) => loss));
});
