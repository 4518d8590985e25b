/** Dataset tensors on the device and on the host, in singles and halves; budgets; and that nothing is left behind. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BadInput } from "../../src/base/errors";
import type { DatasetTensorOptions, Device } from "../../src/engine/device";
import { MemoryMeter } from "../../src/engine/memory";
import { ProgramBuilder } from "../../src/engine/program";
import { decode, encode, fromHalf, STORAGES, toHalf } from "../../src/engine/storage";
import { createWasmDevice } from "../../src/engine/wasm/device";
import { DEVICES } from "../support/devices";
import { randoms } from "../support/numbers";

/** Copies images from one tensor to another, doubled, in the order of `indices`, `batch` at a time. */
async function doubled(
  device: Device,
  source: DatasetTensorOptions,
  target: DatasetTensorOptions,
  elements: number,
): Promise<[Float32Array, Float32Array]> {
  const [count, batch] = [23, 4];
  const values = randoms(count * elements, 7);
  const [from, to] = [device.createTensor(count, elements, source), device.createTensor(count, elements, target)];
  from.write(0, values.slice(0, 5 * elements));
  from.write(5, values.slice(5 * elements));
  const b = new ProgramBuilder();
  const iterations = Math.ceil(count / batch);
  const indices = b.host("indices", iterations * batch, "i32");
  const size = batch * elements;
  const [x, y] = [b.temp("x", size), b.temp("y", size)];
  b.step({ op: "gather", tensor: b.tensor("from", elements), indices, out: x, batch, elements });
  b.step({ op: "add", a: x, b: x, out: y, size, clamp: null });
  b.step({ op: "scatter", tensor: b.tensor("to", elements), indices, x: y, batch, elements });
  const tensors = new Map([
    ["from", from],
    ["to", to],
  ]);
  const executable = await device.compile(b.build(), tensors);
  executable.write(
    "indices",
    Int32Array.from({ length: iterations * batch }, (_, i) => (i * 7) % count),
  );
  await executable.run({ from: 0, to: iterations });
  const result = await to.read(0, count);
  executable.dispose();
  from.dispose();
  to.dispose();
  const stored = decode(encode(values, elements, source.storage ?? "f32"), elements, source.storage ?? "f32");
  const twice = stored.map((value) => 2 * value);
  return [result, decode(encode(twice, elements, target.storage ?? "f32"), elements, target.storage ?? "f32")];
}

describe.each(DEVICES)("$name", ({ open }) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device.dispose());

  const PLACES = ["device", "host"] as const;
  const cases = STORAGES.flatMap((storage) => PLACES.flatMap((from) => PLACES.map((to) => [storage, from, to] as const)));
  test.each(cases)("%s tensor on the %s to one on the %s", async (storage, from, to) => {
    for (const elements of [5, 24]) {
      const [result, expected] = await doubled(device, { storage, place: from }, { storage, place: to }, elements);
      expect(result).toEqual(expected);
    }
  });

  test("a footprint is what compiling takes, and disposal gives it back, a hundred times over", async () => {
    const before = device.memory.used;
    for (let i = 0; i < 100; i++) {
      const b = new ProgramBuilder();
      const x = b.host("x", 100 + i);
      const y = b.temp("y", 100 + i);
      b.step({ op: "add", a: x, b: x, out: y, size: 100 + i, clamp: null });
      b.step({ op: "add", a: y, b: x, out: b.host("z", 100 + i), size: 100 + i, clamp: null });
      const program = b.build();
      const executable = await device.compile(program, new Map());
      const taken = device.memory.used - before;
      expect(taken).toBeLessThanOrEqual(device.footprint(program));
      expect(taken).toBeGreaterThanOrEqual(3 * 4 * (100 + i));
      await executable.run({ from: 0, to: 2 });
      executable.dispose();
      expect(device.memory.used).toBe(before);
    }
    expect(device.memory.peak).toBeLessThan(2 ** 26);
  });
});

test("a tensor goes to the host when the budget, less the reserve, has no room for it", async () => {
  const device = await createWasmDevice(1, 2 ** 20);
  expect(device.createTensor(100, 1000).place).toBe("device");
  device.memory.reserve = 2 ** 19;
  expect(device.createTensor(100, 1000).place).toBe("host");
  expect(device.createTensor(100, 1000, { storage: "f16" }).place).toBe("host");
  device.memory.reserve = 2 ** 18;
  expect(device.createTensor(100, 1000, { storage: "f16" }).place).toBe("device");
  device.dispose();
});

test("a program beyond the budget is refused with what would help, and takes nothing", async () => {
  const device = await createWasmDevice(1, 2 ** 20);
  const b = new ProgramBuilder();
  b.host("x", 2 ** 19);
  const used = device.memory.used;
  await expect(async () => device.compile(b.build(), new Map())).rejects.toThrow(/needs 3 MiB .* budget of 1 MiB; use a smaller batch/);
  expect(device.memory.used).toBe(used);
  device.dispose();
  expect(() => new MemoryMeter(10).take(11)).toThrow(BadInput);
});

test("halves round to nearest, ties to even, and keep zeros, infinities and what is not a number", () => {
  const pairs: [number, number][] = [
    [0, 0],
    [-0, 0x8000],
    [1, 0x3c00],
    [-2, 0xc000],
    [65504, 0x7bff],
    [65519, 0x7bff],
    [65520, 0x7c00],
    [Number.NEGATIVE_INFINITY, 0xfc00],
    [2 ** -14, 0x0400],
    [2 ** -24, 0x0001],
    [2 ** -25, 0],
    [3 * 2 ** -25, 0x0002],
    [1 + 2 ** -11, 0x3c00],
    [1 + 3 * 2 ** -11, 0x3c02],
  ];
  for (const [value, half] of pairs) expect(toHalf(value)).toBe(half);
  for (let half = 0; half < 0x7c00; half++) expect(toHalf(fromHalf(half))).toBe(half);
  expect(fromHalf(toHalf(Number.NaN))).toBeNaN();
});
