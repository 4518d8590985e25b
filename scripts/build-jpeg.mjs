/**
 * Writes the JPEG decoder's WebAssembly (mozjpeg, from the package @jsquash/jpeg) into a module as base64: the
 * page, its worker, the command line and the tests then load it the same way, without a path or a fetch, and
 * bundlers put it into a chunk of its own because it is imported only when a JPEG comes.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const binary = readFileSync(fileURLToPath(import.meta.resolve("@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm")));
const lines = ["// Written by scripts/build-jpeg.mjs from @jsquash/jpeg.", `export const MOZJPEG = "${binary.toString("base64")}";`];
writeFileSync(`${root}/src/data/jpeg/mozjpeg.generated.ts`, `${lines.join("\n")}\n`);
console.log(`JPEG decoder: ${Math.round(binary.length / 1024)} KiB`);
