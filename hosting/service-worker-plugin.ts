/**
 * Writes dist/page/service-worker.js: the script of src/app/host/service-worker.ts behind a list of the built files with their digests,
 * so that any change of any file makes another service worker, and no file is taken for one of another version.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { rolldown } from "rolldown";
import type { Plugin } from "vite";

const NAME = "service-worker.js";

/** Larger files are TensorFlow.js and onnxruntime, which read some models and prove exports: they are kept when they were used. */
const MOST_ESSENTIAL = 600_000;
const isEssential = (path: string, bytes: number) => path.startsWith("demo/") || bytes <= MOST_ESSENTIAL;

const digestOf = (content: string | Uint8Array) => createHash("sha256").update(content).digest("hex").slice(0, 16);

export function serviceWorkerPlugin(): Plugin {
  let [root, folder] = ["", ""];
  return {
    name: "service-worker",
    apply: "build",
    configResolved(config) {
      root = config.root;
      folder = join(root, config.build.outDir);
    },
    async closeBundle() {
      const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"))
        .filter((path) => path !== NAME && path !== "_headers" && !path.endsWith(".map"))
        .sort();
      const files = paths.map((path) => [path, digestOf(readFileSync(join(folder, path)))] as const);
      const essential = ([path]: (typeof files)[number]) => isEssential(path, statSync(join(folder, path)).size);
      const lab = {
        version: digestOf(JSON.stringify(files)),
        essential: Object.fromEntries(files.filter(essential)),
        others: Object.fromEntries(files.filter((file) => !essential(file))),
      };
      const bundle = await rolldown({ input: join(root, "src/app/host/service-worker.ts"), logLevel: "warn" });
      const { output } = await bundle.generate({ format: "iife", minify: true });
      writeFileSync(join(folder, NAME), `const LAB = ${JSON.stringify(lab)};\n${output[0].code}`);
    },
  };
}
