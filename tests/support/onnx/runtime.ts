/**
 * A network's outputs by onnxruntime and by the lab's engine, in the file's own layout, and how far they are apart. The
 * corpus test, the conformance run and the check of a folder of models share it.
 */
import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-web";
import type { DatasetTensor, Device } from "../../../src/engine/device";
import { companionsOf } from "../../../src/formats";
import type { ModelFile } from "../../../src/formats/format";
import type { Graph, Shape } from "../../../src/graph/types";
import { sizeOf } from "../../../src/graph/types";
import { forward } from "../../../src/network/forward";
import { toNhwc } from "../layout";
import { relativeError } from "../numbers";

/** Numbers in the order of an ONNX file, the batch included. */
export interface Values {
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

/** What stands for height and width where a file leaves them open. */
export type OpenExtents = readonly [height: number, width: number];

export interface Session {
  readonly input: { readonly name: string; readonly dims: readonly (number | string)[] };
  readonly outputs: readonly string[];
  run(values: Values): Promise<Values[]>;
  dispose(): Promise<void>;
}

/** A model's file and those beside it that it names, as a person would choose them together. */
export async function modelFiles(path: string): Promise<ModelFile[]> {
  const fileOf = async (name: string): Promise<ModelFile> => ({ path: name, bytes: new Uint8Array(await readFile(join(dirname(path), name))) });
  const main = await fileOf(basename(path));
  return [main, ...(await Promise.all(companionsOf(main).map(fileOf)))];
}

/** Opens an ONNX file and its external data; throws what onnxruntime says of it. */
export async function openSession([main, ...others]: readonly ModelFile[]): Promise<Session> {
  if (!main) throw new Error("no file");
  const externalData = others.map(({ path, bytes }) => ({ path, data: bytes }));
  // "basic" keeps the file's own operators: fusions across them would change the arithmetic that is compared with.
  const session = await InferenceSession.create(main.bytes, { graphOptimizationLevel: "basic", logSeverityLevel: 3, externalData });
  const [name] = session.inputNames;
  const [meta] = session.inputMetadata;
  if (name === undefined || !meta?.isTensor) throw new Error("the file has no tensor input");
  return {
    input: { name, dims: meta.shape },
    outputs: session.outputNames,
    async run({ dims, data }) {
      const results = await session.run({ [name]: new Tensor("float32", data, dims) });
      return session.outputNames.map((output) => valuesOf(results[output] as Tensor));
    },
    dispose: () => session.release(),
  };
}

function valuesOf(tensor: Tensor): Values {
  if (tensor.type !== "float32") throw new Error(`an output is ${tensor.type}, not float32`);
  return { dims: tensor.dims, data: tensor.data as Float32Array };
}

/** Dimensions of one image where a file leaves some open. */
export function imageDims(dims: readonly (number | string)[], open: OpenExtents): number[] {
  return dims.map((extent, axis) => {
    if (axis === 0) return 1;
    return typeof extent === "number" && extent > 0 ? extent : (open[axis - 2] ?? 1);
  });
}

/** All of a graph's outputs for `input`, an array of images in the file's order [N, C, H, W]. */
export async function engineOutputs(device: Device, graph: Graph, { dims, data }: Values): Promise<Values[]> {
  const [count = 1, ...image] = dims;
  const tensor = device.createTensor(count, data.length / count);
  let results: Map<string, DatasetTensor> | undefined;
  try {
    tensor.write(0, image.length === 3 ? toNhwc(data, [count, ...image] as [number, number, number, number]) : data);
    results = await forward({
      device,
      graph,
      nodes: graph.nodes,
      inputs: new Map([[graph.input, tensor]]),
      outputs: [...new Set(graph.outputs)],
      kernels: new Map(),
    });
    const outputs: Values[] = [];
    for (const value of graph.outputs) {
      const result = results.get(value) as DatasetTensor;
      outputs.push(fileOrder(await result.read(0, count), count, graph.shapes.get(value) as Shape));
    }
    return outputs;
  } finally {
    tensor.dispose();
    for (const result of results?.values() ?? []) result.dispose();
  }
}

/** A value with three axes is [h, w, c] here and [c, h, w] in the file; all others have one order. */
function fileOrder(data: Float32Array, count: number, shape: Shape): Values {
  const [h, w, c] = shape;
  if (shape.length !== 3 || h === undefined || w === undefined || c === undefined) return { dims: [count, ...shape], data };
  const out = new Float32Array(data.length);
  const size = sizeOf(shape);
  for (let n = 0; n < count; n++)
    for (let p = 0; p < h * w; p++)
      for (let channel = 0; channel < c; channel++) out[n * size + channel * h * w + p] = data[n * size + p * c + channel] as number;
  return { dims: [count, c, h, w], data: out };
}

/** For each output the largest difference, relative to the largest magnitude expected; throws where number or shape differ. */
export function differences(actual: readonly Values[], expected: readonly Values[]): number[] {
  if (actual.length !== expected.length) throw new Error(`${actual.length} outputs where ${expected.length} were expected`);
  return expected.map((values, i) => {
    const own = actual[i] as Values;
    if (own.dims.join() !== values.dims.join()) throw new Error(`output ${i} is [${own.dims}] where [${values.dims}] was expected`);
    return relativeError(own.data, values.data);
  });
}
