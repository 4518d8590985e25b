/** Bundles the command line into dist/cli, run by `npm install` through `prepare`. */
import type { RolldownOptions } from "rolldown";

const config: RolldownOptions = {
  input: { main: "src/cli/main.ts" },
  platform: "node",
  external: ["webgpu", "onnxruntime-node", /^@tensorflow\//],
  output: { dir: "dist/cli", format: "esm", entryFileNames: "[name].mjs", chunkFileNames: "[name].mjs", sourcemap: false },
  logLevel: "warn",
};
export default config;
