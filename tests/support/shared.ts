/** Real networks, images and golden numbers that stand beside a developer's checkout; CI has them too. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { test } from "vitest";

const ROOT = fileURLToPath(new URL("../../../shared/", import.meta.url));

export function sharedPath(name: string): string {
  return ROOT + name;
}

export function sharedBytes(name: string): Uint8Array {
  return new Uint8Array(readFileSync(sharedPath(name)));
}

export function fixture(name: string): any {
  return JSON.parse(readFileSync(sharedPath(`fixtures/${name}.json`), "utf8"));
}

/** The numbers of a fixture's tensor, kept as JSON or as base64 floats. */
export function numbersOf(tensor: { shape: number[]; data?: number[]; base64?: string }): Float32Array {
  if (tensor.data) return Float32Array.from(tensor.data);
  const bytes = Buffer.from(tensor.base64 ?? "", "base64");
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

/** Whether the data is there; BRECQ_HIDE_SHARED=1 hides it, as on a newcomer's machine (`npm test` runs both ways). */
export const SHARED: boolean = process.env.BRECQ_HIDE_SHARED !== "1" && existsSync(sharedPath("README.md"));
if (!SHARED) console.warn("skipped: shared data absent");

/** A test that needs the shared data. */
export const sharedTest: typeof test = (SHARED ? test : test.skip) as typeof test;
