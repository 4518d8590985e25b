/** Tests that take longer than a test run may: `npm run verify` runs them, nightly or before a release. */
import { defineConfig } from "vitest/config";
import { vulkanEnvironment } from "./tests/support/vulkan";

Object.assign(process.env, vulkanEnvironment());

const config: ReturnType<typeof defineConfig> = defineConfig({
  test: { include: ["tests/**/*.verify.ts"], testTimeout: 600_000, hookTimeout: 120_000, pool: "forks", fileParallelism: false },
});
export default config;
