/**
 * ONNX, opsets 7 to 21. Reading is one walk over the nodes in order: a node whose inputs are all known is
 * folded, any other is converted, and what is neither is refused by name.
 */
import { fromBinary } from "@bufbuild/protobuf";
import { type GraphProto, ModelProtoSchema, type NodeProto, type ValueInfoProto } from "onnx-buf";
import { BadInput } from "../../base/errors";
import { GraphBuilder } from "../../graph/builder";
import type { Graph } from "../../graph/types";
import { shapeRule } from "../../operators";
import type { Format, ReadOptions } from "../format";
import { constant, FOLDS } from "./folding";
import { CONVERTERS, type Conversion, type Known } from "./layers";
import { Attributes, type Constant, readTensor } from "./tensors";

const OPSETS = { from: 7, to: 21 } as const;

export const onnx: Format = {
  name: "ONNX",
  match: (fileName, bytes) => /\.onnx$/i.test(fileName) || bytes[0] === 0x08,
  read,
};

function read(bytes: Uint8Array, fileName: string, options: ReadOptions): Graph {
  const { graph: proto, opset } = decode(bytes, fileName);
  const values = new Map<string, Known>();
  for (const tensor of proto.initializer) values.set(tensor.name, readTensor(tensor, fileName));
  const inputs = proto.input.filter((input) => !values.has(input.name));
  const input = inputs[0];
  if (!input || inputs.length > 1)
    throw new BadInput(
      `${fileName} takes ${inputs.length} inputs (${inputs.map((i) => i.name).join(", ")}); the lab quantizes networks of one image input.`,
    );
  const dims = inputDims(input, fileName, options);
  const inputShape = dims.length === 4 ? [dims[2] as number, dims[3] as number, dims[1] as number] : dims.slice(1);
  const builder = new GraphBuilder(fileName, input.name, inputShape, shapeRule);
  values.set(input.name, { kind: "activation", id: input.name, dims });

  for (const node of proto.node) convert(node, values, builder, fileName, opset);

  const output = proto.output[0];
  if (!output || proto.output.length > 1)
    throw new BadInput(
      `${fileName} has ${proto.output.length} outputs (${proto.output.map((o) => o.name).join(", ")}); the lab needs one output of class scores.`,
    );
  const result = values.get(output.name);
  if (result?.kind !== "activation") throw new BadInput(`${fileName} never computes its output "${output.name}"; the file is damaged or truncated.`);
  return builder.build(result.id);
}

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

function inputDims(input: ValueInfoProto, fileName: string, { inputSize }: ReadOptions): number[] {
  const type = input.type?.value;
  const extents =
    type?.case === "tensorType" ? type.value.shape?.dim.map(({ value }) => (value.case === "dimValue" ? Number(value.value) : null)) : null;
  if (!extents || (extents.length !== 4 && extents.length !== 2))
    throw new BadInput(
      `Input "${input.name}" of ${fileName} has ${extents ? `shape [${extents.map((n) => n ?? "?").join(", ")}]` : "no shape"}; expected images [N, channels, height, width].`,
    );
  return extents.map((extent, axis) => {
    if (axis === 0) return 1;
    const given = axis >= 2 ? inputSize?.[axis - 2] : undefined;
    const size = extent && extent > 0 ? extent : given;
    if (!size)
      throw new BadInput(
        `Input "${input.name}" of ${fileName} leaves its size open ([${extents.map((n) => n ?? "?").join(", ")}]); set the image size in the preprocessing, or export with a fixed size.`,
      );
    return size;
  });
}

function convert(node: NodeProto, values: Map<string, Known>, graph: GraphBuilder, fileName: string, opset: number): void {
  const name = node.name || node.output[0] || node.opType;
  const fail = (reason: string) => new BadInput(`Node "${name}" (${node.opType}, opset ${opset}) of ${fileName} ${reason}.`);
  const inputs = node.input.map((input) => {
    if (input === "") return null;
    const value = values.get(input);
    if (!value) throw fail(`reads "${input}", which the file does not define; it is damaged or truncated`);
    return value;
  });
  const context: Conversion = { attributes: new Attributes(node), fileName, opset, fail, graph, name, inputs };
  const output = node.output[0];
  if (output === undefined) throw fail("has no output");

  const fold = FOLDS[node.opType];
  if (node.opType === "Shape" && inputs[0]) {
    values.set(output, FOLDS.Shape?.([constant(inputs[0].dims, [])], context) as Constant);
    return;
  }
  const known = inputs.every((input) => input === null || input.kind === "constant");
  if (fold && known && (node.domain === "" || node.domain === "ai.onnx")) {
    values.set(output, fold(inputs as (Constant | null)[], context));
    return;
  }
  const converter = node.domain === "" || node.domain === "ai.onnx" ? CONVERTERS[node.opType] : undefined;
  if (!converter)
    throw fail(
      `uses operator ${node.domain ? `${node.domain}.` : ""}${node.opType}, which the lab does not support; it reads ${Object.keys(CONVERTERS).join(", ")}`,
    );
  values.set(output, converter(context));
}
