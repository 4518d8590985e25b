/** The devices that a suite runs over. WebGPU in Node comes from dawn; without a GPU, from SwiftShader. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { chromium } from "@playwright/test";
import type { Device } from "../../src/engine/device";
import { createWasmDevice } from "../../src/engine/wasm/device";
import { createWebGpuDevice } from "../../src/engine/webgpu/device";

/** Chromium's software Vulkan driver, wherever a Chromium is installed. */
function softwareDriver(): string | null {
  const places = ["/usr/lib/chromium", "/opt/google/chrome", dirname(chromium.executablePath())];
  return places.map((place) => join(place, "vk_swiftshader_icd.json")).find((path) => existsSync(path)) ?? null;
}

let gpu: GPU | null = null;

/** A WebGPU device of its own for each suite. */
export async function webGpuInNode(): Promise<Device> {
  const driver = softwareDriver();
  if (driver && !process.env.VK_DRIVER_FILES && process.env.BRECQ_REAL_GPU !== "1") process.env.VK_DRIVER_FILES = driver;
  const { create, globals } = await import("webgpu");
  Object.assign(globalThis, globals);
  gpu ??= create([]) as GPU;
  return createWebGpuDevice(gpu);
}

export const DEVICES: readonly { name: string; open: () => Promise<Device> }[] = [
  { name: "wasm, 1 thread", open: () => createWasmDevice(1) },
  { name: "wasm, 2 threads", open: () => createWasmDevice(2) },
  { name: "webgpu", open: webGpuInNode },
];
