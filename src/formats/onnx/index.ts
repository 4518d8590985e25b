/**
 * ONNX, opsets 6 to 25. Reading is one walk over the nodes in order: a node whose inputs are all known is
 * folded, any other is converted, and what is neither is refused by name.
 */
import { create, fromBinary } from "@bufbuild/protobuf";
import { type GraphProto, ModelProtoSchema, type NodeProto, NodeProtoSchema, type ValueInfoProto } from "onnx-buf";
import { BadInput, OpenInputSize } from "../../base/errors";
import { GraphBuilder } from "../../graph/builder";
import { judgedOutput } from "../../graph/queries";
import type { Graph, ValueId } from "../../graph/types";
import { shapeRule } from "../../operators";
import { besides, type Format, type ModelFile, type ReadOptions } from "../format";
import { Budget } from "../limits";
import { constant } from "./constants";
import { type Conversion, inOrder, type Known, usualOrder } from "./conversion";
import { CONVERTERS } from "./converters";
import { FOLDS } from "./folding";
import { converted, inputCodes, integers } from "./integers";
import { Refused } from "./refused";
import { Attributes, type Constant, externalPlace, readTensor } from "./tensors";
import { Values } from "./values";

const OPSETS = { from: 6, to: 25 } as const;

/** It needs no waiting: the file is read at once. */
export const onnx: Omit<Format, "read"> & { read(...given: Parameters<Format["read"]>): Graph } = {
  name: "ONNX",
  extension: /\.onnx$/i,
  match: ({ path, bytes }) => bytes.length > 0 && (/\.onnx$/i.test(path) || bytes[0] === 0x08),
  companions: ({ path, bytes }) => externalFiles(path, bytes),
  read,
};

/** The standard's operators, and onnxruntime's quantized ones and the few that it fuses others to. */
const DOMAINS: ReadonlySet<string> = new Set(["", "ai.onnx", "com.microsoft"]);

/** What the walk over the nodes carries along. */
type Reading = Pick<Conversion, "fileName" | "opset" | "graph" | "batch" | "stored" | "budget"> & {
  readonly values: Values;
  readonly refused: Refused;
  /** What the file calls what the graph's nodes make. */
  readonly names: Map<ValueId, string>;
};

/** The names of the files in which a network keeps its weights, beside its own. */
function externalFiles(fileName: string, bytes: Uint8Array): string[] {
  try {
    const { graph } = decode(bytes, fileName);
    return [...new Set(graph.initializer.flatMap((tensor) => externalPlace(tensor)?.location ?? []))];
  } catch {
    return [];
  }
}

function read(main: ModelFile, files: readonly ModelFile[], options: ReadOptions): Graph {
  const fileName = main.path;
  const { graph: proto, opset } = decode(main.bytes, fileName);
  const beside = (name: string) => files.find(({ path }) => path === besides(main, name))?.bytes ?? null;
  const budget = new Budget();
  const values = new Values(proto, budget, (tensor) => readTensor(tensor, fileName, beside));
  const inputs = proto.input.filter((input) => !values.has(input.name));
  const input = inputs[0];
  if (!input || inputs.length > 1)
    throw new BadInput(
      `${fileName} takes ${inputs.length} inputs (${inputs.map((i) => i.name).join(", ")}); the lab quantizes networks of one image input.`,
    );
  const { dims, batch } = inputDims(input, fileName, options);
  const order = usualOrder(dims.length);
  const graph = new GraphBuilder(
    fileName,
    input.name,
    order.map((axis) => dims[axis] as number),
    shapeRule,
  );
  const elementType = input.type?.value.case === "tensorType" ? input.type.value.value.elemType : 0;
  values.set(input.name, { kind: "activation", id: input.name, dims, order, ...inputCodes(elementType) });

  const reading = {
    ...{ fileName, opset, graph, batch, budget, stored: new Map<string, string>(), values, refused: new Refused() },
    names: new Map([[input.name, input.name]]),
  };
  for (const node of proto.node) {
    convert(node, reading);
    values.leave(node);
  }
  reading.refused.throwIfAny(fileName, opset, Object.keys(CONVERTERS));
  const outputs = proto.output.map(({ name }) => outputOf(name, reading));
  if (outputs.length === 0) throw new BadInput(`${fileName} names no output; it is damaged or truncated.`);
  const judged = judgedOutput((value) => graph.producer(value), outputs);
  const fileOutputs = proto.output.map(({ name }) => ({ name, channelsFirst: true }));
  return { ...graph.build(outputs, judged), names: reading.names, fileOutputs };
}

/** An output as people who run the file see it: stored in the usual order of its rank. */
function outputOf(name: string, reading: Reading): ValueId {
  const { values, fileName, opset } = reading;
  const result = values.get(name);
  const fail = (reason: string) => new BadInput(`Output "${name}" (opset ${opset}) of ${fileName} ${reason}.`);
  if (!result) throw fail("is never computed; the file is damaged or truncated");
  if (result.kind === "constant") throw fail("does not depend on the image");
  const at = { ...reading, attributes: new Attributes(EMPTY_NODE), fail, name, inputs: [], operands: [], outputs: 1, listed: 1 };
  // Integers come out as such, not as what they stand for.
  const { codes } = result;
  const written = codes ? integers({ ...at, name }, { ...result, codes }, "integers") : result;
  return inOrder(at, written, usualOrder(result.dims.length)).id;
}

const EMPTY_NODE = create(NodeProtoSchema);

function decode(bytes: Uint8Array, fileName: string): { graph: GraphProto; opset: number } {
  let model: ReturnType<typeof fromBinary<typeof ModelProtoSchema>>;
  try {
    model = fromBinary(ModelProtoSchema, bytes);
  } catch {
    throw new BadInput(`${fileName} is not a readable ONNX file: it breaks off or is damaged; export or download it again.`);
  }
  const opset = Number(model.opsetImport.find(({ domain }) => domain === "" || domain === "ai.onnx")?.version ?? 0);
  if (!model.graph || model.graph.node.length === 0) throw new BadInput(`${fileName} holds no network: it is damaged or truncated, or no ONNX file.`);
  if (opset < OPSETS.from || opset > OPSETS.to)
    throw new BadInput(
      `${fileName} uses ONNX opset ${opset || "(none)"}; the lab reads opsets ${OPSETS.from} to ${OPSETS.to}. Export the model with opset_version=17.`,
    );
  return { graph: model.graph, opset };
}

function inputDims(input: ValueInfoProto, fileName: string, { inputSize }: ReadOptions): { dims: number[]; batch: number | null } {
  const type = input.type?.value;
  const extents =
    type?.case === "tensorType" ? type.value.shape?.dim.map(({ value }) => (value.case === "dimValue" ? Number(value.value) : null)) : null;
  if (!extents || (extents.length !== 4 && extents.length !== 2))
    throw new BadInput(
      `Input "${input.name}" of ${fileName} has ${extents ? `shape [${extents.map((n) => n ?? "?").join(", ")}]` : "no shape"}; expected images [N, channels, height, width].`,
    );
  const dims = extents.map((extent, axis) => {
    if (axis === 0) return 1;
    const given = axis >= 2 ? inputSize?.[axis - 2] : undefined;
    const size = extent && extent > 0 ? extent : given;
    if (!size)
      throw new OpenInputSize(
        `Input "${input.name}" of ${fileName} leaves its size open ([${extents.map((n) => n ?? "?").join(", ")}]); give images, or set a resize or crop (--resize, --crop), or export with a fixed size.`,
      );
    return size;
  });
  return { dims, batch: extents[0] && extents[0] > 0 ? extents[0] : null };
}

function convert(node: NodeProto, reading: Reading): void {
  const { values, refused, fileName, opset, names } = reading;
  const name = node.name || node.output[0] || node.opType;
  const standard = DOMAINS.has(node.domain);
  const operator = standard ? node.opType : `${node.domain}.${node.opType}`;
  const converter = standard ? CONVERTERS[node.opType] : undefined;
  const fold = standard ? FOLDS[node.opType] : undefined;
  if (refused.reads(node)) {
    const asShape = refused.isShape(node);
    if (!converter && !(asShape && fold)) refused.add(operator, name);
    refused.mark(node, asShape);
    return;
  }
  const fail = (reason: string) => new BadInput(`Node "${name}" (${node.opType}, opset ${opset}) of ${fileName} ${reason}.`);
  const inputs = node.input.map((input) => {
    if (input === "") return null;
    const value = values.get(input);
    if (!value) throw fail(`reads "${input}", which the file does not define; it is damaged or truncated`);
    return value;
  });
  const outputs = node.output.filter((output) => values.isRead(output)).length;
  const context: Conversion = {
    ...reading,
    attributes: new Attributes(node),
    fail,
    name,
    inputs,
    operands: node.input,
    outputs,
    listed: node.output.length,
  };
  if (!node.output[0]) throw fail("has no output");
  const set = (made: readonly Known[]) => {
    node.output.forEach((output, i) => {
      const value = made[i];
      if (output === "" || !value) return;
      values.set(output, value);
      // A value that is only renamed keeps the name that it was made under.
      if (value.kind === "activation" && !names.has(value.id)) names.set(value.id, output);
    });
  };
  if (node.opType === "Shape" && inputs[0]) return set([FOLDS.Shape?.([constant(inputs[0].dims, [])], context) as Constant]);
  const known = inputs.every((input) => input === null || input.kind === "constant");
  if (fold && known) return set([fold(inputs as (Constant | null)[], context)]);
  if (!converter) {
    refused.add(operator, name);
    refused.mark(node);
    return;
  }
  set(converted(node.opType, converter, context));
}
