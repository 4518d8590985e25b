/** Tensors and attributes of an ONNX file as plain numbers. */
import { create } from "@bufbuild/protobuf";
import {
  type AttributeProto,
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  type NodeProto,
  type TensorProto,
  TensorProto_DataLocation,
  TensorProto_DataType,
} from "onnx-buf";
import { BadInput } from "../../base/errors";

/** A tensor whose numbers are known when the file is read, in the file's own (NCHW, OIHW) order. */
export interface Constant {
  readonly kind: "constant";
  readonly dims: readonly number[];
  readonly data: Float32Array | Float64Array;
  /** The least and greatest number of its type, where the type is one that quantized values have. */
  readonly codes?: CodeRange;
}

export type CodeRange = readonly [low: number, high: number];

/** Where a tensor's numbers lie in another file (ONNX, External data). */
export interface ExternalPlace {
  readonly location: string;
  readonly offset: number;
  readonly length: number | null;
}

export function externalPlace({ dataLocation, externalData }: TensorProto): ExternalPlace | null {
  if (dataLocation !== TensorProto_DataLocation.EXTERNAL) return null;
  const entry = (key: string) => externalData.find((one) => one.key === key)?.value;
  const length = entry("length");
  return { location: entry("location") ?? "", offset: Number(entry("offset") ?? 0), length: length === undefined ? null : Number(length) };
}

type Numbers = ArrayLike<number | bigint>;

/** How an element type is stored: bits of a number, how raw bytes are read, and the field that holds them otherwise. */
interface ElementType {
  readonly bits: number;
  readonly real?: boolean;
  read(bytes: Uint8Array, count: number): Numbers;
  field(tensor: TensorProto): Numbers;
}

type View<T> = new (buffer: ArrayBuffer) => T & Numbers;

/** Numbers of whole bytes; copied, since a file's bytes need not be aligned. */
function viewed<T>(make: View<T>, bits: number, field: ElementType["field"], real = false): ElementType {
  return { bits, real, field, read: (bytes) => new make(new Uint8Array(bytes).buffer) };
}

/** Numbers of 4 or 2 bits, packed from the lowest bits of each byte on. */
function packed(bits: 2 | 4, signed: boolean): ElementType {
  const unpack = (bytes: ArrayLike<number>, count: number) =>
    Array.from({ length: count }, (_, i) => {
      const at = i * bits;
      const code = ((bytes[at >> 3] as number) >> (at & 7)) & (2 ** bits - 1);
      return signed && code >= 2 ** (bits - 1) ? code - 2 ** bits : code;
    });
  const countOf = ({ dims }: TensorProto) => dims.reduce((product, extent) => product * Number(extent), 1);
  return { bits, read: unpack, field: (tensor) => unpack(tensor.int32Data, countOf(tensor)) };
}

function shortFloat(toNumber: (bits: number) => number): ElementType {
  const convert = (numbers: ArrayLike<number>) => Float32Array.from(numbers, toNumber);
  return { bits: 16, real: true, read: (bytes) => convert(new Uint16Array(new Uint8Array(bytes).buffer)), field: (t) => convert(t.int32Data) };
}

const ELEMENT_TYPES: Partial<Record<TensorProto_DataType, ElementType>> = {
  [TensorProto_DataType.FLOAT]: viewed(Float32Array, 32, (t) => t.floatData, true),
  [TensorProto_DataType.DOUBLE]: viewed(Float64Array, 64, (t) => t.doubleData),
  [TensorProto_DataType.INT64]: viewed(BigInt64Array, 64, (t) => t.int64Data),
  [TensorProto_DataType.INT32]: viewed(Int32Array, 32, (t) => t.int32Data),
  [TensorProto_DataType.UINT32]: viewed(Uint32Array, 32, (t) => t.uint64Data),
  [TensorProto_DataType.INT16]: viewed(Int16Array, 16, (t) => t.int32Data),
  [TensorProto_DataType.UINT16]: viewed(Uint16Array, 16, (t) => t.int32Data),
  [TensorProto_DataType.INT8]: viewed(Int8Array, 8, (t) => t.int32Data),
  [TensorProto_DataType.UINT8]: viewed(Uint8Array, 8, (t) => t.int32Data),
  [TensorProto_DataType.BOOL]: viewed(Uint8Array, 8, (t) => t.int32Data),
  [TensorProto_DataType.INT4]: packed(4, true),
  [TensorProto_DataType.UINT4]: packed(4, false),
  [TensorProto_DataType.INT2]: packed(2, true),
  [TensorProto_DataType.UINT2]: packed(2, false),
  [TensorProto_DataType.FLOAT16]: shortFloat(half),
  [TensorProto_DataType.BFLOAT16]: shortFloat(brain),
};

/** The least and greatest number of each type that quantized values have. */
export const CODE_RANGES: Partial<Record<TensorProto_DataType, CodeRange>> = {
  [TensorProto_DataType.UINT16]: [0, 65535],
  [TensorProto_DataType.INT16]: [-32768, 32767],
  [TensorProto_DataType.UINT8]: [0, 255],
  [TensorProto_DataType.INT8]: [-128, 127],
  [TensorProto_DataType.UINT4]: [0, 15],
  [TensorProto_DataType.INT4]: [-8, 7],
  [TensorProto_DataType.UINT2]: [0, 3],
  [TensorProto_DataType.INT2]: [-2, 1],
};

function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** bfloat16 is the upper half of a single. */
function brain(bits: number): number {
  return new Float32Array(Uint32Array.of(bits << 16).buffer)[0] as number;
}

const LARGEST_EMPTY = 2 ** 20;

/**
 * @param beside the bytes of a file beside the network's, by its name; null where it was not given
 * @throws BadInput where the numbers are missing, too few or of a type that is not read
 */
export function readTensor(tensor: TensorProto, fileName: string, beside: (name: string) => Uint8Array | null = () => null): Constant {
  const dims = tensor.dims.map(Number);
  const count = dims.reduce((product, extent) => product * extent, 1);
  const type = ELEMENT_TYPES[tensor.dataType as TensorProto_DataType];
  if (!type)
    throw new BadInput(
      `Tensor "${tensor.name}" of ${fileName} has element type ${tensor.dataType}, which the lab does not read; export the model in float32.`,
    );
  const needed = Math.ceil((count * type.bits) / 8);
  const external = externalBytes(tensor, fileName, needed, beside);
  const raw = external ?? (tensor.rawData.length > 0 ? tensor.rawData : null);
  const found = (numbers: number | string) =>
    new BadInput(
      `Tensor "${tensor.name}" of ${fileName} holds ${numbers} where its shape [${dims.join(", ")}] needs ${count} numbers; the file is damaged or truncated.`,
    );
  // An empty tensor's other extents are held against nothing.
  const empty = count === 0 && dims.reduce((product, extent) => product * Math.max(1, extent), 1) > LARGEST_EMPTY;
  if (empty || dims.some((extent) => !(extent >= 0)) || (raw && raw.length !== needed)) throw found(`${raw?.length ?? 0} bytes`);
  const numbers = raw ? type.read(raw, count) : type.field(tensor);
  if (numbers.length !== count) throw found(numbers.length);
  if (type.real) return { kind: "constant", dims, data: numbers instanceof Float32Array ? numbers : Float32Array.from(numbers as ArrayLike<number>) };
  const codes = CODE_RANGES[tensor.dataType as TensorProto_DataType];
  const data = Float64Array.from({ length: count }, (_, i) => Number(numbers[i]));
  return { kind: "constant", dims, data, ...(codes ? { codes } : {}) };
}

function externalBytes(tensor: TensorProto, fileName: string, needed: number, beside: (name: string) => Uint8Array | null): Uint8Array | null {
  const place = externalPlace(tensor);
  if (!place) return null;
  const bytes = beside(place.location);
  if (!bytes)
    throw new BadInput(`${fileName} keeps tensor "${tensor.name}" in the file "${place.location}", which was not given; choose both files together.`);
  const length = place.length ?? needed;
  if (!(place.offset >= 0) || !(length >= 0) || place.offset + length > bytes.length)
    throw new BadInput(
      `Tensor "${tensor.name}" of ${fileName} lies at bytes ${place.offset} to ${place.offset + length} of "${place.location}", which has ${bytes.length}; the file is damaged or another one.`,
    );
  return bytes.subarray(place.offset, place.offset + length);
}

/** A node's attributes with the defaults of the standard. */
export class Attributes {
  private readonly byName: ReadonlyMap<string, AttributeProto>;

  /** @param overRows whether what a window of one dimension says is read for images of one row */
  constructor(
    private readonly node: NodeProto,
    private readonly overRows = false,
  ) {
    this.byName = new Map(node.attribute.map((attribute) => [attribute.name, attribute]));
  }

  /** The attributes of a window of one dimension, as those of a window over images of one row. */
  withSecondAxis(): Attributes {
    return new Attributes(this.node, true);
  }

  /** The same with one integer set. */
  with(name: string, value: number): Attributes {
    const kept = this.node.attribute.filter((attribute) => attribute.name !== name);
    const set = create(AttributeProtoSchema, { name, i: BigInt(value), type: AttributeProto_AttributeType.INT });
    return new Attributes({ ...this.node, attribute: [...kept, set] }, this.overRows);
  }

  get(name: string): AttributeProto | undefined {
    return this.byName.get(name);
  }

  int(name: string, fallback: number): number {
    const attribute = this.byName.get(name);
    return attribute ? Number(attribute.i) : fallback;
  }

  float(name: string, fallback: number): number {
    return this.byName.get(name)?.f ?? fallback;
  }

  ints(name: string): number[] | null {
    const own = this.byName.get(name)?.ints.map(Number) ?? null;
    if (!own || !this.overRows) return own;
    const [first = 0, second = 0] = own;
    if (name === "pads") return [0, first, 0, second];
    return [name === "output_padding" ? 0 : 1, first];
  }

  string(name: string, fallback: string): string {
    const attribute = this.byName.get(name);
    return attribute ? new TextDecoder().decode(attribute.s) : fallback;
  }
}
