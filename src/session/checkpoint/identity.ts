/**
 * What a run is known by: all that its bits depend on. Threads, memory and where it computes are left out as far as they change none, so
 * that a run may go on with other threads, in another browser or on another machine.
 */
import { hashBytes } from "../inputs/hash";
import type { Recipe } from "../recipe/recipe";
import { ARITHMETIC_VERSION } from "../share/arithmetic";

/**
 * @param recipe with the hashes of its files
 * @param device results on a GPU are its own
 * @returns 64 hexadecimal digits
 */
export function runIdentity(recipe: Recipe, device: { readonly kind: string; readonly description: string }): Promise<string> {
  const { threads: _threads, memory: _memory, device: _device, ...own } = recipe;
  const on = device.kind === "wasm" ? "wasm" : device.description;
  return hashBytes(new TextEncoder().encode(JSON.stringify([ARITHMETIC_VERSION, on, own])));
}
