/**
 * Where Chromium's software Vulkan lies. WebGPU in Node (dawn) loads `libvulkan.so.1` and a driver; on a
 * machine without a GPU both come with Chromium. The loader's path must be in the environment before the
 * test process starts, so vitest.config.ts asks for it.
 */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { chromium } from "@playwright/test";

/** Environment variables that let dawn find a Vulkan driver; none if a driver is chosen already. */
export function vulkanEnvironment(): Record<string, string> {
  if (process.env.VK_DRIVER_FILES || process.env.BRECQ_REAL_GPU === "1") return {};
  for (const place of ["/usr/lib/chromium", "/opt/google/chrome", dirname(chromium.executablePath())]) {
    const driver = join(place, "vk_swiftshader_icd.json");
    if (!existsSync(driver)) continue;
    const library = [place, process.env.LD_LIBRARY_PATH].filter(Boolean).join(":");
    return { VK_DRIVER_FILES: driver, LD_LIBRARY_PATH: library };
  }
  return {};
}
