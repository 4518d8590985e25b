/** Metadata and graph of an ONNX file by their places in it (onnx.proto: ModelProto and StringStringEntryProto). */
import { type Field, fieldsOf } from "./protobuf";
import type { RandomAccess } from "./random-access";

const [GRAPH, METADATA] = [7, 14];

/** `metadata_props` by key. @throws Error where the file is no ONNX file */
export async function onnxMetadata(file: RandomAccess): Promise<Map<string, string>> {
  const entries = (await fieldsOf(file)).filter(({ number }) => number === METADATA);
  const text = async ({ first, end }: Field) => new TextDecoder().decode(await file.read(first, end));
  const found = new Map<string, string>();
  for (const { first, end } of entries) {
    const [key, value] = await fieldsOf(file, first, end);
    if (key?.number === 1 && value?.number === 2) found.set(await text(key), await text(value));
  }
  return found;
}

/** The bytes of the graph: nodes and weights, without what is told of them. */
export async function onnxGraph(file: RandomAccess): Promise<Uint8Array> {
  const graph = (await fieldsOf(file)).find(({ number }) => number === GRAPH);
  if (!graph) throw new Error("The file has no graph");
  return file.read(graph.first, graph.end);
}
