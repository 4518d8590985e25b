/**
 * Writes the WebAssembly of picture decoders (mozjpeg from the package @jsquash/jpeg, libwebp from @jsquash/webp) into
 * modules as base64: the page, its worker, the command line and the tests then load it the same way, without a path or
 * a fetch, and bundlers put each into a chunk of its own because it is imported only when such a picture comes.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** @type {readonly (readonly [source: string, constant: string, module: string])[]} */
const DECODERS = [
  ["@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm", "MOZJPEG", "src/data/jpeg/mozjpeg.generated.ts"],
  ["@jsquash/webp/codec/dec/webp_dec.wasm", "LIBWEBP", "src/data/webp/libwebp.generated.ts"],
];

for (const [source, constant, module] of DECODERS) {
  const binary = readFileSync(fileURLToPath(import.meta.resolve(source)));
  const lines = [`// Written by scripts/build-decoders.mjs from ${source}.`, `export const ${constant} = "${binary.toString("base64")}";`];
  writeFileSync(`${root}/${module}`, `${lines.join("\n")}\n`);
  console.log(`${constant}: ${Math.round(binary.length / 1024)} KiB`);
}
