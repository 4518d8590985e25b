/**
 * Bundles what the package holds, run by `npm install` through `prepare`: the command line into dist/cli, and the library into
 * dist/node, dist/browser and, its types, dist/types. Everything is bundled but the packages that people install where they want what
 * needs them.
 */
import type { RolldownOptions } from "rolldown";
import { dts } from "rolldown-plugin-dts";

const external = ["webgpu", "onnxruntime-node", "onnxruntime-web", /^@tensorflow\//];

function bundle(dir: string, name: string, entry: string, platform: "node" | "browser"): RolldownOptions {
  return {
    ...{ input: { [name]: entry }, platform, external, logLevel: "warn" },
    output: { dir, cleanDir: true, format: "esm", entryFileNames: "[name].mjs", chunkFileNames: "[name].mjs", sourcemap: false },
  };
}

const config: RolldownOptions[] = [
  bundle("dist/cli", "main", "src/cli/main.ts", "node"),
  bundle("dist/node", "library", "src/library/node.ts", "node"),
  bundle("dist/browser", "library", "src/library/browser.ts", "browser"),
  {
    ...{ input: { library: "src/library/library.ts" }, external: [...external, "zod"], logLevel: "warn" },
    plugins: [dts({ emitDtsOnly: true })],
    output: { dir: "dist/types", cleanDir: true, format: "esm" },
  },
];
export default config;
