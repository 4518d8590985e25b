/** Exported TF.js files: what TensorFlow.js computes from them, and the network that the lab reads again. */
import type { ExportedFile } from "../../src/export/artifact";
import type { ModelFile } from "../../src/formats/format";
import { tfjs } from "../../src/formats/tfjs";
import { type Graph, type Shape, sizeOf } from "../../src/graph/types";
import { prepare } from "../../src/passes/prepare";
import { computeGraphModel } from "./tfjs";

export function modelFilesOf(files: readonly ExportedFile[]): ModelFile[] {
  return files.map(({ name, bytes }) => ({ path: name, bytes }));
}

/** The outputs, in the signature's order, for images [n, ...shape]. */
export async function tfjsValues(files: readonly ExportedFile[], images: Float32Array, shape: Shape): Promise<Float32Array[]> {
  const outputs = await computeGraphModel(modelFilesOf(files), images, [images.length / sizeOf(shape), ...shape]);
  return outputs.map(({ data }) => data);
}

export async function readAgain(files: readonly ExportedFile[]): Promise<Graph> {
  const [main, ...rest] = modelFilesOf(files) as [ModelFile, ...ModelFile[]];
  return prepare(await tfjs.read(main, [main, ...rest], {}));
}
