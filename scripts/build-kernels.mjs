/**
 * Compiles the AssemblyScript kernels twice, with shared memory (threads) and without (pages that are not
 * cross-origin isolated), and writes both into one module as base64: the page, its workers, the command
 * line and the tests then load them the same way, without a path or a fetch.
 */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const root = fileURLToPath(new URL("..", import.meta.url));

async function compile(shared) {
  const flags = [
    "src/engine/wasm/assembly/index.ts",
    "--baseDir",
    root,
    "--outFile",
    "kernels.wasm",
    "-O3",
    "--noAssert",
    "--converge",
    "--runtime",
    "stub",
    "--importMemory",
    "--initialMemory",
    "16",
    "--maximumMemory",
    "65536",
    "--memoryBase",
    "1024",
    "--enable",
    "simd,bulk-memory",
    "--use",
    "abort=",
    ...(shared ? ["--enable", "threads", "--sharedMemory"] : ["--enable", "threads"]),
    "--use",
    `ASC_SHARED_MEMORY=${shared ? 1 : 0}`,
  ];
  let binary;
  const { error, stderr } = await asc.main(flags, {
    writeFile(name, contents) {
      if (name.endsWith(".wasm")) binary = contents;
    },
  });
  if (error) throw new Error(`${error.message}\n${stderr.toString()}`);
  return Buffer.from(binary).toString("base64");
}

const [threaded, single] = [await compile(true), await compile(false)];
const lines = [
  "// Written by scripts/build-kernels.mjs from src/engine/wasm/assembly.",
  `export const THREADED = "${threaded}";`,
  `export const SINGLE = "${single}";`,
];
writeFileSync(`${root}/src/engine/wasm/kernels.generated.ts`, `${lines.join("\n")}\n`);
console.log(`kernels: ${Math.round((threaded.length * 3) / 4096)} KiB threaded, ${Math.round((single.length * 3) / 4096)} KiB single`);
