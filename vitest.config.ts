import { defineConfig } from "vitest/config";
import { vulkanEnvironment } from "./tests/support/vulkan";

Object.assign(process.env, vulkanEnvironment());

const config: ReturnType<typeof defineConfig> = defineConfig({
  test: {
    include: ["tests/**/*.test.{ts,tsx}"],
    // The theme's colours are read from its style sheet, also for drawings that are saved.
    css: { include: [/tokens\.css/] },
    testTimeout: 300_000,
    hookTimeout: 300_000,
    pool: "forks",
    // Test files of a process share one module graph: the engine, tfjs and ONNX Runtime take seconds to load. A test gives back what it spies on.
    isolate: false,
    // Each file computes on two threads, and compiles and draws on one: two files at a time keep the cores busy.
    maxWorkers: 2,
  },
});
export default config;
