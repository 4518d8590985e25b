/**
 * An ONNX file as plain data, and its bytes. Tests build such a file by calls (exporter.ts), the reference computes it
 * as it stands (reference.ts), and the product reads its bytes: all that the two sides share is the file.
 */
import { create, toBinary } from "@bufbuild/protobuf";
import {
  type AttributeProto,
  AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataType as DataType,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  type TensorProto,
  TensorProtoSchema,
  TensorShapeProto_DimensionSchema,
  TensorShapeProtoSchema,
  TypeProto_TensorSchema,
  TypeProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "onnx-buf";

/** In the file's order: NCHW and OIHW. */
export interface FileTensor {
  readonly dims: readonly number[];
  readonly data: Float32Array | BigInt64Array;
}

/** Whole numbers, unless they are wrapped in `float`; a list is of whole numbers. */
export type FileAttribute = number | readonly number[] | string | { readonly float: number } | FileTensor;

export interface FileNode {
  readonly name: string;
  readonly op: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes: Readonly<Record<string, FileAttribute>>;
}

/** An extent that is a name is left open. */
export interface FileValue {
  readonly name: string;
  readonly dims: readonly (number | string)[];
}

export interface OnnxFile {
  readonly opset: number;
  readonly input: FileValue;
  readonly output: FileValue;
  readonly nodes: readonly FileNode[];
  readonly initializers: ReadonlyMap<string, FileTensor>;
}

export function int64(values: readonly (number | bigint)[], dims: readonly number[] = [values.length]): FileTensor {
  return { dims, data: BigInt64Array.from(values, BigInt) };
}

export function float32(values: ArrayLike<number>, dims: readonly number[] = [values.length]): FileTensor {
  return { dims, data: Float32Array.from(values) };
}

function tensorProto(name: string, { dims, data }: FileTensor): TensorProto {
  return create(TensorProtoSchema, {
    name,
    dims: dims.map(BigInt),
    dataType: data instanceof Float32Array ? DataType.FLOAT : DataType.INT64,
    rawData: new Uint8Array(data.slice().buffer as ArrayBuffer),
  });
}

function attributeProto(name: string, value: FileAttribute): AttributeProto {
  if (typeof value === "number") return create(AttributeProtoSchema, { name, type: AttributeType.INT, i: BigInt(value) });
  if (typeof value === "string") return create(AttributeProtoSchema, { name, type: AttributeType.STRING, s: new TextEncoder().encode(value) });
  if ("float" in value) return create(AttributeProtoSchema, { name, type: AttributeType.FLOAT, f: value.float });
  if ("data" in value) return create(AttributeProtoSchema, { name, type: AttributeType.TENSOR, t: tensorProto("", value) });
  return create(AttributeProtoSchema, { name, type: AttributeType.INTS, ints: value.map(BigInt) });
}

function valueProto({ name, dims }: FileValue): ValueInfoProto {
  const dim = dims.map((extent) =>
    create(TensorShapeProto_DimensionSchema, {
      value: typeof extent === "string" ? { case: "dimParam", value: extent } : { case: "dimValue", value: BigInt(extent) },
    }),
  );
  const shape = create(TensorShapeProtoSchema, { dim });
  const value = create(TypeProto_TensorSchema, { elemType: DataType.FLOAT, shape });
  return create(ValueInfoProtoSchema, { name, type: create(TypeProtoSchema, { value: { case: "tensorType", value } }) });
}

export function onnxBytes(file: OnnxFile): Uint8Array {
  const node = file.nodes.map(({ name, op, inputs, output, attributes }) =>
    create(NodeProtoSchema, {
      name,
      opType: op,
      input: [...inputs],
      output: [output],
      attribute: Object.entries(attributes).map(([key, value]) => attributeProto(key, value)),
    }),
  );
  const graph = create(GraphProtoSchema, {
    name: "main_graph",
    node,
    initializer: [...file.initializers].map(([name, tensor]) => tensorProto(name, tensor)),
    input: [valueProto(file.input)],
    output: [valueProto(file.output)],
  });
  const opsetImport = [create(OperatorSetIdProtoSchema, { domain: "", version: BigInt(file.opset) })];
  return toBinary(ModelProtoSchema, create(ModelProtoSchema, { irVersion: 8n, producerName: "tests", opsetImport, graph }));
}
