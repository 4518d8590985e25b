/**
 * Content hashes: SHA-256 in WebAssembly (hash-wasm), fed part by part, so that neither a large file nor a page that is
 * no secure context (where the browser's own digest is missing) is a hindrance.
 */
import { createSHA256, type IHasher } from "hash-wasm";
import { BadInput } from "../../base/errors";
import { type InputFile, isHidden } from "../../data/files";
import { yieldToEvents } from "../../engine/yield";

/** Bytes that are hashed between two looks at the event loop: a few milliseconds. */
const PART = 4 * 2 ** 20;

/** A hasher that has been started. */
export async function startHash(): Promise<IHasher> {
  const hasher = await createSHA256();
  return hasher.init();
}

/** SHA-256 of `bytes` as 64 hexadecimal digits; `breathe` may stop it by throwing. */
export async function hashBytes(bytes: Uint8Array, breathe: () => void | Promise<void> = yieldToEvents): Promise<string> {
  const hasher = await startHash();
  for (let at = 0; at < bytes.length; at += PART) {
    hasher.update(bytes.subarray(at, at + PART));
    if (bytes.length > PART) await breathe();
  }
  return hasher.digest("hex");
}

/** One hash for a set of files: of their paths (below what was chosen) and contents, in order of path. */
export async function hashFiles(files: readonly InputFile[], breathe: () => void | Promise<void> = yieldToEvents): Promise<string> {
  if (files.length === 1) return hashBytes((files[0] as InputFile).bytes, breathe);
  const lines: string[] = [];
  for (const [i, { path, bytes }] of files.entries()) {
    lines.push(`${path} ${await hashBytes(bytes, breathe)}\n`);
    if (i % 64 === 63) await breathe();
  }
  return hashBytes(new TextEncoder().encode(lines.sort().join("")), breathe);
}

/**
 * The files of a model, however they were given: without what systems hide, and with paths below the folder that holds them
 * all, so that a folder and its files chosen one by one have the same hash.
 */
export function modelFiles(files: readonly InputFile[]): readonly InputFile[] {
  const own = files.filter(({ path }) => !isHidden(path));
  const folders = own.map(({ path }) => path.split("/").slice(0, -1));
  const common = folders[0]?.findIndex((folder, depth) => folders.some((other) => other[depth] !== folder)) ?? 0;
  const depth = common < 0 ? (folders[0]?.length ?? 0) : common;
  return depth === 0 ? own : own.map(({ path, bytes }) => ({ path: path.split("/").slice(depth).join("/"), bytes }));
}

/** @throws BadInput where a file is not the one that a recipe was made with */
export function checkHash(expected: string | null, actual: string, what: string): void {
  if (expected && expected !== actual)
    throw new BadInput(
      `${what} is not the file that the recipe was made with (sha256 ${actual.slice(0, 12)}… instead of ${expected.slice(0, 12)}…); choose the original, or start a new recipe.`,
    );
}
