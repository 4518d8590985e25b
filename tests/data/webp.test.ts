/** WebP: what an encoder of the same library wrote comes back, and the exact trouble of files that are not read. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import factory, { type EncodeOptions, type WebPModule } from "@jsquash/webp/codec/enc/webp_enc.js";
import { defaultOptions } from "@jsquash/webp/meta.js";
import { beforeAll, describe, expect, test } from "vitest";
import { readImages } from "../../src/data";
import { PLAIN } from "./support";

const [WIDTH, HEIGHT] = [45, 38];
/** A smooth picture with opacity below 255. */
const RGBA = Uint8ClampedArray.from({ length: WIDTH * HEIGHT * 4 }, (_, i) => {
  const [c, x, y] = [i % 4, (i >> 2) % WIDTH, Math.floor((i >> 2) / WIDTH)];
  return c === 3 ? 255 - x : ([5 * x, 6 * y, 2 * (x + y)][c] as number);
});
const RGB = Uint8Array.from(
  [...RGBA].filter((_, i) => i % 4 < 3),
  Number,
);

let encode: (options: Partial<EncodeOptions>) => Uint8Array;

beforeAll(async () => {
  const wasm = readFileSync(fileURLToPath(import.meta.resolve("@jsquash/webp/codec/enc/webp_enc.wasm")));
  const encoder = (await (factory as unknown as (options: object) => Promise<WebPModule>)({ noInitialRun: true, wasmBinary: wasm })) as WebPModule;
  encode = (options) => Uint8Array.from(encoder.encode(RGBA, WIDTH, HEIGHT, { ...defaultOptions, ...options } as EncodeOptions) as Uint8Array);
});

const read = (bytes: Uint8Array, name = "a.webp") => readImages([{ path: `s/${name}`, bytes }], PLAIN, "s").then(({ set }) => set);

describe("WebP", () => {
  test("lossless comes back bit for bit, without its opacity, whatever it is called", async () => {
    const bytes = encode({ lossless: 1, exact: 1 });
    const set = await read(bytes);
    expect([set.height, set.width, set.channels]).toEqual([HEIGHT, WIDTH, 3]);
    expect(set.pixels).toEqual(RGB);
    expect((await read(bytes, "a.png")).pixels).toEqual(RGB);
  });

  test("lossy comes back nearly", async () => {
    const { pixels } = await read(encode({ quality: 95 }));
    const error = RGB.reduce((sum, value, i) => sum + (value - (pixels[i] as number)) ** 2, 0) / RGB.length;
    expect(error).toBeGreaterThan(0);
    expect(error).toBeLessThan(9);
  });

  test("animated, truncated, damaged and huge files are refused by name, and the next one is decoded", async () => {
    const bytes = encode({ quality: 80 });
    expect(String.fromCharCode(...bytes.subarray(12, 16))).toBe("VP8X");
    await expect(read(bytes.with(20, (bytes[20] as number) | 2))).rejects.toThrow("s/a.webp is an animated WebP, expected a single picture");
    for (const wrong of [bytes.slice(0, -40), bytes.slice(0, 20), bytes.slice(0, 12)])
      await expect(read(wrong)).rejects.toThrow("s/a.webp cannot be decoded (damaged or truncated WebP data); replace or remove it.");
    await expect(read(Uint8Array.from([...bytes.subarray(0, 30), ...new Uint8Array(bytes.length - 30)]))).rejects.toThrow("cannot be decoded");
    await expect(read(bytes.with(25, 255).with(28, 255))).rejects.toThrow("s/a.webp declares 65318x65325 pixels; pictures of up to 40 million");
    expect((await read(bytes)).count).toBe(1);
  });
});
