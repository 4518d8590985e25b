/** Tensors and attributes of an ONNX file as plain numbers. */
import type { AttributeProto, NodeProto, TensorProto } from "onnx-buf";
import { TensorProto_DataLocation, TensorProto_DataType } from "onnx-buf";
import { BadInput } from "../../base/errors";

/** A tensor whose numbers are known when the file is read, in the file's own (NCHW, OIHW) order. */
export interface Constant {
  readonly kind: "constant";
  readonly dims: readonly number[];
  readonly data: Float32Array | Float64Array;
}

type Numbers = ArrayLike<number | bigint>;
type Reader = (tensor: TensorProto, count: number) => Numbers;

function raw<T extends Numbers>(tensor: TensorProto, make: new (buffer: ArrayBuffer) => T, fields: () => Numbers): Numbers {
  return tensor.rawData.length > 0 ? new make(tensor.rawData.slice().buffer as ArrayBuffer) : fields();
}

const READERS: Partial<Record<TensorProto_DataType, Reader>> = {
  [TensorProto_DataType.FLOAT]: (t) => raw(t, Float32Array, () => t.floatData),
  [TensorProto_DataType.DOUBLE]: (t) => raw(t, Float64Array, () => t.doubleData),
  [TensorProto_DataType.INT64]: (t) => raw(t, BigInt64Array, () => t.int64Data),
  [TensorProto_DataType.INT32]: (t) => raw(t, Int32Array, () => t.int32Data),
  [TensorProto_DataType.INT8]: (t) => raw(t, Int8Array, () => t.int32Data),
  [TensorProto_DataType.UINT8]: (t) => raw(t, Uint8Array, () => t.int32Data),
  [TensorProto_DataType.BOOL]: (t) => raw(t, Uint8Array, () => t.int32Data),
  [TensorProto_DataType.FLOAT16]: (t) =>
    Array.from(
      raw(t, Uint16Array, () => t.int32Data),
      (bits) => half(Number(bits)),
    ),
};

function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

export function readTensor(tensor: TensorProto, fileName: string): Constant {
  const dims = tensor.dims.map(Number);
  const count = dims.reduce((product, extent) => product * extent, 1);
  if (tensor.dataLocation === TensorProto_DataLocation.EXTERNAL)
    throw new BadInput(
      `${fileName} keeps tensor "${tensor.name}" in another file; save the model as one file (onnx.save with save_as_external_data=False).`,
    );
  const reader = READERS[tensor.dataType as TensorProto_DataType];
  if (!reader)
    throw new BadInput(
      `Tensor "${tensor.name}" of ${fileName} has element type ${tensor.dataType}, which the lab does not read; export the model in float32.`,
    );
  let numbers: Numbers;
  try {
    numbers = reader(tensor, count);
  } catch {
    numbers = [];
  }
  if (numbers.length !== count)
    throw new BadInput(
      `Tensor "${tensor.name}" of ${fileName} holds ${numbers.length} numbers where its shape [${dims.join(", ")}] needs ${count}; the file is damaged or truncated.`,
    );
  const float = tensor.dataType === TensorProto_DataType.FLOAT || tensor.dataType === TensorProto_DataType.FLOAT16;
  const data = float ? new Float32Array(count) : new Float64Array(count);
  for (let i = 0; i < count; i++) data[i] = Number(numbers[i]);
  return { kind: "constant", dims, data };
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
