/** What the readers' tests share: plain preprocessing, small pictures, and the fixtures that Pillow wrote. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
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
