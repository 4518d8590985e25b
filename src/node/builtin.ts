/** The built-in networks, which lie beside the bundles in the package. */
import { readFile } from "node:fs/promises";

const PUBLIC = new URL("../../public/", import.meta.url);

export async function builtinModel(name: string): Promise<Uint8Array> {
  return new Uint8Array(await readFile(new URL(`demo/${name}.onnx`, PUBLIC)));
}
