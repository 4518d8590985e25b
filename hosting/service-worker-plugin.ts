/**
 * Writes dist/page/service-worker.js: the script of src/app/host/service-worker.ts behind a list of the built files. The list has a version,
 * a hash of all contents, so that any change of any file makes another service worker.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { rolldown } from "rolldown";
import type { Plugin } from "vite";

const NAME = "service-worker.js";

/** Larger files, which run exports in other runtimes, are kept when they were used. */
const MOST_ESSENTIAL = 400_000;

/** The demo is essential; other networks are kept when they were chosen. */
const isEssential = (path: string, bytes: number) => path === "demo/shapes-resnet14.onnx" || (bytes <= MOST_ESSENTIAL && !/^demo\//.test(path));

export function serviceWorkerPlugin(): Plugin {
  let folder = "";
  return {
    name: "service-worker",
    apply: "build",
    configResolved({ root, build }) {
      folder = join(root, build.outDir);
    },
    async closeBundle() {
      const files = readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"))
        .filter((path) => path !== NAME && !path.endsWith(".map"))
        .sort();
      const version = createHash("sha256");
      for (const path of files) version.update(path).update(readFileSync(join(folder, path)));
      const essential = files.filter((path) => isEssential(path, statSync(join(folder, path)).size));
      const others = files.filter((path) => !essential.includes(path));
      const lab = { version: version.digest("hex").slice(0, 16), essential, others };
      const bundle = await rolldown({ input: "src/app/host/service-worker.ts", logLevel: "warn" });
      const { output } = await bundle.generate({ format: "iife", minify: true });
      writeFileSync(join(folder, NAME), `const LAB = ${JSON.stringify(lab)};\n${output[0].code}`);
    },
  };
}
