/**
 * Which device a run computes on, and why. A real GPU takes `webgpu`; without one, or with an adapter that
 * is software (many times slower than our own kernels), `wasm`.
 */
import { BadInput } from "../../base/errors";
import type { Device } from "../../engine/device";
import { createWasmDevice } from "../../engine/wasm/device";
import type { StartHelper } from "../../engine/wasm/workers";
import { describeAdapter, isSoftware } from "../../engine/webgpu/adapter";
import type { Recipe } from "../recipe/recipe";

export interface ChosenDevice {
  readonly device: Device;
  readonly reason: string;
}

/** Threads of the wasm device on so many cores. */
export function threadsFor(cores: number): number {
  return Math.max(1, Math.min(8, cores));
}

/**
 * @param gpu `navigator.gpu`, or dawn's in Node
 * @param start starts a compute thread; without it the device does
 */
export async function chooseDevice(
  recipe: Pick<Recipe, "device" | "threads" | "memory">,
  gpu: GPU | undefined,
  cores: number,
  start?: StartHelper,
): Promise<ChosenDevice> {
  const threads = recipe.threads ?? threadsFor(cores);
  const budget = recipe.memory === null ? undefined : recipe.memory * 2 ** 20;
  const wasm = async (reason: string) => ({ device: await createWasmDevice(threads, budget, start), reason });
  const webgpu = async () => (await import("../../engine/webgpu/device")).createWebGpuDevice(gpu, budget, start);
  if (recipe.device === "wasm") return wasm("chosen in the recipe");
  if (recipe.device === "webgpu") return { device: await webgpu(), reason: "chosen in the recipe" };
  const adapter = await gpu?.requestAdapter({ powerPreference: "high-performance" }).catch(() => null);
  if (!adapter) return wasm("no WebGPU adapter here");
  if (isSoftware(adapter.info)) return wasm(`the WebGPU adapter ${describeAdapter(adapter.info)} is software`);
  try {
    return { device: await webgpu(), reason: `a GPU is at hand: ${describeAdapter(adapter.info)}` };
  } catch (error) {
    if (error instanceof BadInput) throw error;
    return wasm(`the WebGPU adapter ${describeAdapter(adapter.info)} gave no device (${error instanceof Error ? error.message : error})`);
  }
}
