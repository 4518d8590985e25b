/** ONNX messages from plain values: tensors with their bytes, attributes, nodes, named values, the model around them. */
import { create, toBinary } from "@bufbuild/protobuf";
import {
  type AttributeProto,
  AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataType as DataType,
  GraphProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  StringStringEntryProtoSchema,
  type TensorProto,
  TensorProtoSchema,
  TensorShapeProto_DimensionSchema,
  TensorShapeProtoSchema,
  TypeProto_TensorSchema,
  TypeProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "onnx-buf";

/** A whole number or a list of them, text, or a number with a fraction. */
export type Attribute = number | readonly number[] | string | { readonly float: number };
export type Attributes = Readonly<Record<string, Attribute>>;

function attribute(name: string, value: Attribute): AttributeProto {
  if (typeof value === "number") return create(AttributeProtoSchema, { name, type: AttributeType.INT, i: BigInt(value) });
  if (typeof value === "string") return create(AttributeProtoSchema, { name, type: AttributeType.STRING, s: new TextEncoder().encode(value) });
  if ("float" in value) return create(AttributeProtoSchema, { name, type: AttributeType.FLOAT, f: value.float });
  return create(AttributeProtoSchema, { name, type: AttributeType.INTS, ints: value.map(BigInt) });
}

export function nodeProto(name: string, opType: string, input: readonly string[], output: string, attributes: Attributes): NodeProto {
  const own = Object.entries(attributes).map(([key, value]) => attribute(key, value));
  return create(NodeProtoSchema, { name, opType, input: [...input], output: [output], attribute: own });
}

/** @param bytes the numbers as the type lays them out, little-endian */
export function tensorProto(name: string, dims: readonly number[], dataType: DataType, bytes: ArrayBufferView): TensorProto {
  const rawData = new Uint8Array(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength);
  return create(TensorProtoSchema, { name, dims: dims.map(BigInt), dataType, rawData });
}

export function floatTensor(name: string, dims: readonly number[], data: Float32Array): TensorProto {
  return tensorProto(name, dims, DataType.FLOAT, data);
}

export function int64Tensor(name: string, values: readonly number[]): TensorProto {
  return tensorProto(name, [values.length], DataType.INT64, BigInt64Array.from(values, BigInt));
}

/** The batch's extent is left open. */
const BATCH = "N";

/** A float32 value of the network, whose first axis is the batch. */
export function valueProto(name: string, dims: readonly number[]): ValueInfoProto {
  const dim = [
    create(TensorShapeProto_DimensionSchema, { value: { case: "dimParam", value: BATCH } }),
    ...dims.map((extent) => create(TensorShapeProto_DimensionSchema, { value: { case: "dimValue", value: BigInt(extent) } })),
  ];
  const tensor = create(TypeProto_TensorSchema, { elemType: DataType.FLOAT, shape: create(TensorShapeProtoSchema, { dim }) });
  return create(ValueInfoProtoSchema, { name, type: create(TypeProtoSchema, { value: { case: "tensorType", value: tensor } }) });
}

export interface ModelParts {
  readonly name: string;
  readonly opset: number;
  readonly nodes: readonly NodeProto[];
  readonly initializers: readonly TensorProto[];
  readonly inputs: readonly ValueInfoProto[];
  readonly outputs: readonly ValueInfoProto[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** The version of the file format that came with an opset (ONNX, docs/Versioning.md). */
function irVersion(opset: number): bigint {
  if (opset <= 14) return 7n;
  if (opset <= 18) return 8n;
  if (opset <= 20) return 9n;
  return opset <= 22 ? 10n : BigInt(opset - 12);
}

export function modelBytes({ name, opset, nodes, initializers, inputs, outputs, metadata }: ModelParts): Uint8Array {
  const graph = create(GraphProtoSchema, { name, node: [...nodes], initializer: [...initializers], input: [...inputs], output: [...outputs] });
  const model = create(ModelProtoSchema, {
    irVersion: irVersion(opset),
    producerName: "brecq-lab",
    opsetImport: [create(OperatorSetIdProtoSchema, { domain: "", version: BigInt(opset) })],
    graph,
    metadataProps: Object.entries(metadata).map(([key, value]) => create(StringStringEntryProtoSchema, { key, value })),
  });
  return toBinary(ModelProtoSchema, model);
}
