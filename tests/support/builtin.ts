/** The networks that ship with the lab, batch normalization folded. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Graph } from "../../src/graph/types";
import { prepare } from "../../src/passes/prepare";
import { readOnnx } from "./onnx/read";

export function builtinBytes(name: string): Uint8Array {
  return new Uint8Array(readFileSync(fileURLToPath(new URL(`../../public/demo/${name}.onnx`, import.meta.url))));
}

export function builtin(name: string): Graph {
  return prepare(readOnnx(builtinBytes(name), name));
}
