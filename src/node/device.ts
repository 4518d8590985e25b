/** Devices in Node: WebAssembly on all cores, or WebGPU by the optional package `webgpu` (dawn). */
import { availableParallelism, totalmem } from "node:os";
import { missingPackage } from "../base/packages";
import type { Recipe } from "../session/recipe/recipe";
import { type ChosenDevice, chooseDevice } from "../session/run/devices";

/** Three quarters: the rest is for the images as files, the device's own memory, and everyone else. */
export const HOST_MEMORY: number = 0.75 * totalmem();

/** Dawn's entry point: its devices live only as long as it does. */
let dawn: GPU | undefined;

async function gpuOf(recipe: Pick<Recipe, "device">): Promise<GPU | undefined> {
  if (recipe.device !== "webgpu") return undefined;
  if (dawn) return dawn;
  const { create, globals } = await import("webgpu").catch((error) => {
    throw missingPackage(error, "webgpu", "WebGPU in Node", "wasm needs none: --device wasm");
  });
  Object.assign(globalThis, globals);
  dawn = create([]) as GPU;
  return dawn;
}

export async function openDevice(recipe: Pick<Recipe, "device" | "threads" | "memory">): Promise<ChosenDevice> {
  const chosen = await chooseDevice(recipe, await gpuOf(recipe), availableParallelism());
  if (recipe.device !== "auto") return chosen;
  return { ...chosen, reason: "the choice where nothing is said in Node; the device webgpu takes a GPU" };
}
