/**
 * ONNX, opsets 7 to 21. Reading is one walk over the nodes in order: a node whose inputs are all known is
 * folded, any other is converted, and what is neither is refused by name.
 */
import { fromBinary } from "@bufbuild/protobuf";
import { type GraphProto, ModelProtoSchema, type NodeProto, type ValueInfoProto } from "onnx-buf";
import { BadInput, OpenInputSize } from "../../base/errors";
import { GraphBuilder } from "../../graph/builder";
import type { Graph, ValueId } from "../../graph/types";
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

  const refused = new Refused();
  const names = new Map<ValueId, string>();
  for (const node of proto.node) {
    convert(node, values, builder, fileName, opset, refused);
    const output = values.get(node.output[0] as string);
    if (output?.kind === "activation" && output.id !== input.name && !names.has(output.id)) names.set(output.id, node.output[0] as string);
  }
  refused.throwIfAny(fileName, opset);

  const output = proto.output[0];
  if (!output || proto.output.length > 1)
    throw new BadInput(
      `${fileName} has ${proto.output.length} outputs (${proto.output.map((o) => o.name).join(", ")}); the lab needs one output of class scores.`,
    );
  const result = values.get(output.name);
  if (result?.kind !== "activation") throw new BadInput(`${fileName} never computes its output "${output.name}"; the file is damaged or truncated.`);
  return { ...builder.build([result.id]), names };
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
      throw new OpenInputSize(
        `Input "${input.name}" of ${fileName} leaves its size open ([${extents.map((n) => n ?? "?").join(", ")}]); give images, or set a resize or crop (--resize, --crop), or export with a fixed size.`,
      );
    return size;
  });
}

/** Arithmetic that is read with a constant alone. */
const WITH_CONSTANT: readonly string[] = ["Mul", "Div", "Sub"];

function ofTwoActivations({ opType, input }: NodeProto, values: ReadonlyMap<string, Known>): boolean {
  return WITH_CONSTANT.includes(opType) && input.every((value) => values.get(value)?.kind !== "constant");
}

/**
 * Operators that the lab does not know, gathered over the whole file, so that a person learns of all at once. What they
 * would make, and what is computed from it, is unknown; so is arithmetic on its shape, which is no activation.
 */
class Refused {
  private readonly byOperator = new Map<string, string[]>();
  private readonly unknown = new Set<string>();
  private readonly unknownShapes = new Set<string>();

  add(operator: string, name: string): void {
    this.byOperator.set(operator, [...(this.byOperator.get(operator) ?? []), name]);
  }

  /** Marks a node's outputs as unknown. */
  mark({ output }: NodeProto, asShape = false): void {
    for (const value of output) (asShape ? this.unknownShapes : this.unknown).add(value);
  }

  reads({ input }: NodeProto): boolean {
    return input.some((value) => this.unknown.has(value) || this.unknownShapes.has(value));
  }

  /** Whether a node that reads something unknown computes with shapes alone. */
  isShape({ opType, input }: NodeProto): boolean {
    return opType === "Shape" || !input.some((value) => this.unknown.has(value));
  }

  throwIfAny(fileName: string, opset: number): void {
    if (this.byOperator.size === 0) return;
    const list = [...this.byOperator].map(
      ([operator, names]) => `${operator} (${names.length === 1 ? "1 node" : `${names.length} nodes`}, first "${names[0]}")`,
    );
    throw new BadInput(
      `${fileName} (opset ${opset}) uses ${list.length === 1 ? "an operator" : `${list.length} operators`} that the lab does not support: ${list.join(", ")}. It reads ${Object.keys(CONVERTERS).join(", ")}.`,
    );
  }
}

function convert(node: NodeProto, values: Map<string, Known>, graph: GraphBuilder, fileName: string, opset: number, refused: Refused): void {
  const name = node.name || node.output[0] || node.opType;
  const standard = node.domain === "" || node.domain === "ai.onnx";
  const operator = standard ? node.opType : `${node.domain}.${node.opType}`;
  if (refused.reads(node)) {
    const asShape = refused.isShape(node);
    if (!asShape && ofTwoActivations(node, values)) refused.add(`${operator} of two activations`, name);
    if (!standard || !(node.opType in CONVERTERS || (asShape && node.opType in FOLDS))) refused.add(operator, name);
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
  const context: Conversion = { attributes: new Attributes(node), fileName, opset, fail, graph, name, inputs, operands: node.input };
  const output = node.output[0];
  if (output === undefined) throw fail("has no output");

  const fold = FOLDS[node.opType];
  if (node.opType === "Shape" && inputs[0]) {
    values.set(output, FOLDS.Shape?.([constant(inputs[0].dims, [])], context) as Constant);
    return;
  }
  const known = inputs.every((input) => input === null || input.kind === "constant");
  if (fold && known && standard) {
    values.set(output, fold(inputs as (Constant | null)[], context));
    return;
  }
  if (standard && ofTwoActivations(node, values)) {
    refused.add(`${operator} of two activations`, name);
    refused.mark(node);
    return;
  }
  const converter = standard ? CONVERTERS[node.opType] : undefined;
  if (!converter) {
    refused.add(operator, name);
    refused.mark(node);
    return;
  }
  values.set(output, converter(context));
}
