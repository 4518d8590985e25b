/** What the readers' tests share: plain preprocessing, small pictures, and the fixtures that Pillow wrote. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import factory, { type EncodeOptions, type WebPModule } from "@jsquash/webp/codec/enc/webp_enc.js";
import { defaultOptions } from "@jsquash/webp/meta.js";
import { encode } from "fast-png";
import type { InputFile } from "../../src/data/files";
import type { Preprocessing } from "../../src/data/preprocess";

export const PLAIN: Preprocessing = { resize: null, crop: null, mean: [0], std: [1], channelOrder: "rgb" };

/** A PNG of one value. */
export function png(width: number, height: number, channels = 3, value = 100): Uint8Array {
  return encode({ width, height, channels, data: new Uint8Array(width * height * channels).fill(value) });
}

/** A fixture of tests/data/pictures. */
export function fixtureBytes(name: string): Uint8Array {
  return new Uint8Array(readFileSync(fileURLToPath(new URL(`pictures/${name}`, import.meta.url))));
}

export function fixtureFile(name: string): InputFile {
  return { path: `s/${name}`, bytes: fixtureBytes(name) };
}

/** A .npy file of this element type, shape and content. */
export function npy(descr: string, shape: number[], data: Uint8Array): Uint8Array {
  const header = `${`{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape.join(", ")},), }`.padEnd(118)}\n`;
  const bytes = new Uint8Array(10 + header.length + data.length);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length & 255, header.length >> 8]);
  bytes.set(new TextEncoder().encode(header), 10);
  bytes.set(data, 10 + header.length);
  return bytes;
}

/** An IDX file of this shape and content; elements are unsigned bytes unless `type` says otherwise. */
export function idx(shape: readonly number[], data: Uint8Array, type = 8): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * shape.length + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, (type << 8) | shape.length);
  for (const [axis, extent] of shape.entries()) view.setUint32(4 + 4 * axis, extent);
  bytes.set(data, 4 + 4 * shape.length);
  return bytes;
}

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

/** The picture that `webp` encodes, without its opacity. */
export const WEBP: { readonly width: number; readonly height: number; readonly rgb: Uint8Array } = { width: WIDTH, height: HEIGHT, rgb: RGB };

let encoder: Promise<WebPModule> | null = null;

/** That picture as WebP, by libwebp's encoder. */
export async function webp(options: Partial<EncodeOptions>): Promise<Uint8Array> {
  const wasmBinary = () => readFileSync(fileURLToPath(import.meta.resolve("@jsquash/webp/codec/enc/webp_enc.wasm")));
  encoder ??= (factory as unknown as (options: object) => Promise<WebPModule>)({ noInitialRun: true, wasmBinary: wasmBinary() });
  return Uint8Array.from((await encoder).encode(RGBA, WIDTH, HEIGHT, { ...defaultOptions, ...options } as EncodeOptions) as Uint8Array);
}
