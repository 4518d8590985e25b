/**
 * Whether an exported file holds the very weights of a run: the run is exported once more, in the same form, and what both files hold apart
 * from what is told about the run is compared byte for byte.
 */
import { unzipSync } from "fflate";
import type { InputFile } from "../../data/files";
import { onnxGraph } from "./onnx-metadata";
import type { PayloadKind } from "./payload-kinds";
import { accessToBytes } from "./random-access";

/**
 * @param given the file as it was found, a zip of it, or its parts
 * @param exported the run's own, as its exporter writes it
 */
export async function sameWeights(
  kind: PayloadKind,
  given: readonly InputFile[],
  exported: readonly { name: string; bytes: Uint8Array }[],
): Promise<boolean> {
  const own = exported.map(({ name, bytes }) => ({ path: name, bytes }));
  const [a, b] = await Promise.all([payloads(kind, given.flatMap(unpacked)), payloads(kind, own)]);
  return a.size > 0 && a.size === b.size && [...a].every(([name, bytes]) => equal(bytes, b.get(name)));
}

function unpacked(file: InputFile): InputFile[] {
  if (!/\.zip$/i.test(file.path)) return [file];
  return Object.entries(unzipSync(file.bytes)).map(([path, bytes]) => ({ path, bytes }));
}

/** What the files hold, by name where there are several. */
async function payloads(kind: PayloadKind, files: readonly InputFile[]): Promise<Map<string, Uint8Array>> {
  const found = new Map<string, Uint8Array>();
  for (const { path, bytes } of files) {
    const name = path.slice(path.lastIndexOf("/") + 1);
    if (kind === "onnx" && /\.onnx$/i.test(name)) found.set("graph", await onnxGraph(accessToBytes(bytes)));
    if (kind === "safetensors" && /\.safetensors$/i.test(name)) {
      const { tensors, start } = safetensorsParts(bytes);
      found.set("header", tensors);
      found.set("tensors", bytes.subarray(start));
    }
    if (kind !== "tfjs") continue;
    if (/\.bin$/i.test(name)) found.set(name, bytes);
    if (name === "model.json") {
      const { modelTopology, weightsManifest } = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
      found.set("topology", new TextEncoder().encode(JSON.stringify([modelTopology, weightsManifest])));
    }
  }
  return found;
}

function safetensorsParts(bytes: Uint8Array): { readonly tensors: Uint8Array; readonly start: number } {
  const start = 8 + Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const { __metadata__: _told, ...tensors } = JSON.parse(new TextDecoder().decode(bytes.subarray(8, start))) as Record<string, unknown>;
  return { tensors: new TextEncoder().encode(JSON.stringify(tensors)), start };
}

function equal(a: Uint8Array, b: Uint8Array | undefined): boolean {
  return b !== undefined && a.length === b.length && a.every((byte, i) => byte === b[i]);
}
