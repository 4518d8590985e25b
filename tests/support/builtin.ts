/** The networks that ship with the lab, batch normalization folded. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { readModel } from "../../src/formats";
import type { Graph } from "../../src/graph/types";
import { prepare } from "../../src/passes/prepare";

export function builtin(name: string): Graph {
  const path = fileURLToPath(new URL(`../../public/demo/${name}.onnx`, import.meta.url));
  return prepare(readModel(new Uint8Array(readFileSync(path)), name));
}
