/**
 * Starts the benchmark in a process of its own: a Vulkan driver's place must be in the environment before
 * dawn loads, and counting allocated bytes needs the collector exposed.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { vulkanEnvironment } from "../tests/support/vulkan";

const main = fileURLToPath(new URL("main.mjs", import.meta.url));
const { status } = spawnSync(process.execPath, ["--expose-gc", main, ...process.argv.slice(2)], {
  stdio: "inherit",
  env: { ...process.env, ...vulkanEnvironment() },
});
process.exit(status ?? 1);
