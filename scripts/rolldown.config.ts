/** Bundles the scripts that are written in TypeScript into dist/scripts. */
import type { RolldownOptions } from "rolldown";

const config: RolldownOptions = {
  input: { conformance: "scripts/conformance.ts", "check-models": "scripts/check-models.ts", "verify-browsers": "scripts/browsers/main.ts" },
  platform: "node",
  external: ["webgpu", "onnxruntime-web", /^@tensorflow\//, "vite", "puppeteer-core", "selenium-webdriver", "@playwright/test"],
  output: { dir: "dist/scripts", format: "esm", entryFileNames: "[name].mjs", chunkFileNames: "[name].mjs", sourcemap: false },
  logLevel: "warn",
};
export default config;
