/** What one thread of this machine reaches in WebAssembly: the rate of a matrix product that never leaves the first-level cache. */
import asc from "assemblyscript/asc";
import type { Timed } from "../compare";

/** 4 panels of A, one of B: 24 KiB together. */
const ROWS = 4;
const DEPTH = 256;
const REPEATS = 64;

/** Floating-point operations of one iteration. */
export const FLOPS: number = 2 * 4 * ROWS * 8 * DEPTH * REPEATS;

interface Exports {
  gemm(a: number, b: number, c: number, rows: number, depth: number, repeats: number): void;
}

export async function wasmPeak(): Promise<Timed> {
  let binary: Uint8Array<ArrayBuffer> | null = null;
  const flags = "bench/peak/assembly/gemm.ts --outFile gemm.wasm -O3 --noAssert --runtime stub --importMemory --enable simd --use abort=".split(" ");
  const { error, stderr } = await asc.main(flags, {
    writeFile(name, contents) {
      if (name.endsWith(".wasm")) binary = contents as Uint8Array<ArrayBuffer>;
    },
  });
  if (error || !binary) throw new Error(`The peak's kernel does not compile: ${error?.message}\n${stderr}`);
  const memory = new WebAssembly.Memory({ initial: 2 });
  const { instance } = await WebAssembly.instantiate(binary as Uint8Array<ArrayBuffer>, { env: { memory } });
  const { gemm } = instance.exports as unknown as Exports;
  const [a, b, c] = [4096, 4096 + ROWS * DEPTH * 16, 4096 + ROWS * DEPTH * 16 + DEPTH * 32];
  new Float32Array(memory.buffer, a, ((c as number) - a) / 4).fill(0.5);
  return {
    async time(iterations) {
      const start = performance.now();
      gemm(a, b, c, ROWS, DEPTH, REPEATS * iterations);
      return (performance.now() - start) / iterations;
    },
    dispose() {},
  };
}
