/** TF.js files, TensorFlow.js itself as their reference, and our graph over the same images. */
import { readFileSync } from "node:fs";
import * as tf from "@tensorflow/tfjs";
import { createWasmDevice, type WasmDevice } from "../../src/engine/wasm/device";
import type { ModelFile } from "../../src/formats/format";
import { shapeOf } from "../../src/graph/queries";
import { type Graph, sizeOf } from "../../src/graph/types";
import { forward } from "../../src/network/forward";
import { sharedPath } from "./shared";

/** A model of the shared data: its model.json and the files beside it that its manifest names. */
export function sharedModel(path: string): ModelFile[] {
  const folder = path.slice(0, path.lastIndexOf("/") + 1);
  const main = readFileSync(sharedPath(path));
  const names: string[] = JSON.parse(main.toString()).weightsManifest.flatMap((group: { paths: string[] }) => group.paths);
  const files = [path.slice(folder.length), ...names].map((name) => ({ path: name, bytes: new Uint8Array(readFileSync(sharedPath(folder + name))) }));
  return files;
}

/** What tf.io loads from files. */
function artifactsOf([main, ...weights]: readonly ModelFile[]): tf.io.ModelArtifacts {
  const json = JSON.parse(new TextDecoder().decode(main?.bytes));
  const specs = json.weightsManifest.flatMap((group: { weights: tf.io.WeightsManifestEntry[] }) => group.weights);
  const signature = json.signature ? { signature: json.signature } : {};
  const metadata = json.userDefinedMetadata ? { userDefinedMetadata: json.userDefinedMetadata } : {};
  return {
    ...{ modelTopology: json.modelTopology, ...signature, ...metadata, weightSpecs: specs },
    weightData: new Uint8Array(Buffer.concat(weights.map(({ bytes }) => bytes))).buffer,
  };
}

export interface Reference {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** The outputs of a graph model by TensorFlow.js, in the order of its signature. */
export async function computeGraphModel(files: readonly ModelFile[], images: Float32Array, shape: readonly number[]): Promise<Reference[]> {
  await tf.setBackend("cpu");
  const model = await tf.loadGraphModel(tf.io.fromMemory(artifactsOf(files)));
  const input = tf.tensor(images, [...shape]);
  const json = JSON.parse(new TextDecoder().decode(files[0]?.bytes));
  const outputs: Record<string, { name: string }> = (json.signature ?? json.userDefinedMetadata.signature).outputs;
  const names = Object.values(outputs).map(({ name }) => name);
  const made = [model.execute(input, names)].flat() as tf.Tensor[];
  const results = made.map((tensor) => ({ shape: tensor.shape, data: tensor.dataSync() as Float32Array }));
  tf.dispose([input, ...made]);
  model.dispose();
  return results;
}

export async function computeLayersModel(files: readonly ModelFile[], images: Float32Array, shape: readonly number[]): Promise<Reference[]> {
  await tf.setBackend("cpu");
  const model = await tf.loadLayersModel(tf.io.fromMemory(artifactsOf(files)));
  const results = predict(model, images, shape);
  model.dispose();
  return results;
}

export function predict(model: tf.LayersModel, images: Float32Array, shape: readonly number[]): Reference[] {
  return tf.tidy(() => {
    const made = model.predict(tf.tensor(images, [...shape]));
    return (Array.isArray(made) ? made : [made]).map((tensor) => ({ shape: tensor.shape, data: tensor.dataSync() as Float32Array }));
  });
}

/** One for all test files of a process, which share this module; it goes with the process. */
let open: Promise<WasmDevice> | null = null;

/** All outputs of our graph for images [n, h, w, c]. */
export async function computeGraph(graph: Graph, images: Float32Array, count: number): Promise<Float32Array[]> {
  open ??= createWasmDevice(2);
  const device = await open;
  const input = device.createTensor(count, sizeOf(shapeOf(graph, graph.input)));
  input.write(0, images);
  const outputs = [...new Set(graph.outputs)];
  const made = await forward({ device, graph, nodes: graph.nodes, inputs: new Map([[graph.input, input]]), outputs, kernels: new Map() });
  const results = await Promise.all(graph.outputs.map((output) => made.get(output)?.read(0, count) as Promise<Float32Array>));
  for (const tensor of [input, ...made.values()]) tensor.dispose();
  return results;
}

/** The files that `model.save` writes, its weights cut into parts of `part` bytes. */
export async function savedLayersModel(model: tf.LayersModel, part: number = Number.POSITIVE_INFINITY): Promise<ModelFile[]> {
  let saved: tf.io.ModelArtifacts | undefined;
  await model.save(
    tf.io.withSaveHandler(async (artifacts) => {
      saved = artifacts;
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" } };
    }),
  );
  const { modelTopology, weightSpecs, weightData } = saved as tf.io.ModelArtifacts;
  return modelFiles({ format: "layers-model", modelTopology }, weightSpecs ?? [], new Uint8Array(weightData as ArrayBuffer), part);
}

/** model.json and the files with its weights. */
export function modelFiles(json: object, weights: readonly object[], data: Uint8Array, part: number = Number.POSITIVE_INFINITY): ModelFile[] {
  const count = Math.max(1, Math.ceil(data.length / part));
  const paths = Array.from({ length: count }, (_, i) => `group1-shard${i + 1}of${count}.bin`);
  const text = JSON.stringify({ ...json, weightsManifest: [{ paths, weights }] });
  const shards = paths.map((path, i) => ({ path, bytes: data.slice(i * part || 0, count === 1 ? undefined : (i + 1) * part) }));
  return [{ path: "model.json", bytes: new TextEncoder().encode(text) }, ...shards];
}
