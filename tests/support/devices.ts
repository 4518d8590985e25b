/** The devices that a suite runs over. WebGPU in Node comes from dawn; without a GPU, from SwiftShader. */
import type { Device } from "../../src/engine/device";
import { createWasmDevice } from "../../src/engine/wasm/device";
import { createWebGpuDevice } from "../../src/engine/webgpu/device";

let gpu: GPU | null = null;

/** What `navigator.gpu` is in a browser. */
export async function gpuInNode(): Promise<GPU> {
  const { create, globals } = await import("webgpu");
  Object.assign(globalThis, globals);
  gpu ??= create([]) as GPU;
  return gpu;
}

/** A WebGPU device of its own for each suite; the budget in bytes. */
export async function webGpuInNode(budget?: number): Promise<Device> {
  return createWebGpuDevice(await gpuInNode(), budget);
}

export const DEVICES: readonly { name: string; open: () => Promise<Device> }[] = [
  { name: "wasm, 1 thread", open: () => createWasmDevice(1) },
  { name: "wasm, 2 threads", open: () => createWasmDevice(2) },
  { name: "webgpu", open: () => webGpuInNode() },
];
