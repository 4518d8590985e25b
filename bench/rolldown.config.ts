/** Bundles the benchmark into dist/bench; what it compares with stays in node_modules. */
import type { RolldownOptions } from "rolldown";

const config: RolldownOptions = {
  input: { main: "bench/main.ts", side: "bench/side.ts" },
  platform: "node",
  external: ["webgpu", "vite", "@playwright/test", /^@tensorflow\//, /^@jax-js\//, /^assemblyscript/],
  output: { dir: "dist/bench", format: "esm", entryFileNames: "[name].mjs", chunkFileNames: "[name].mjs", sourcemap: false },
  logLevel: "warn",
};
export default config;
