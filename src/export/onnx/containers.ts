/**
 * Weights' integers in the types that ONNX has for them. A layer of fewer bits than its container keeps its codes there:
 * in a signed one they move by half their range, so that they lie around zero, and the zero points move with them. Scales may be found
 * over ranges without 0, whose zero points lie outside the codes; where a channel's does not fit, all codes of the channel
 * move further, and where that does not help, the zero points are written as real numbers instead.
 */
import { TensorProto_DataType as DataType } from "onnx-buf";
import type { OnnxContainer } from "../catalog";
import type { LayerCodes } from "../codes";

interface Type {
  readonly type: DataType;
  readonly name: string;
  readonly bits: number;
  /** The least number that it has. */
  readonly low: number;
  /** The first opset whose DequantizeLinear reads it. */
  readonly opset: number;
}

const INT8: Type = { type: DataType.INT8, name: "INT8", bits: 8, low: -128, opset: 13 };
const INT4: Type = { type: DataType.INT4, name: "INT4", bits: 4, low: -8, opset: 21 };
const INT2: Type = { type: DataType.INT2, name: "INT2", bits: 2, low: -2, opset: 25 };
const UINT8: Type = { type: DataType.UINT8, name: "UINT8", bits: 8, low: 0, opset: 13 };
const UINT4: Type = { type: DataType.UINT4, name: "UINT4", bits: 4, low: 0, opset: 21 };
const UINT2: Type = { type: DataType.UINT2, name: "UINT2", bits: 2, low: 0, opset: 25 };

const CHOICES: Readonly<Record<OnnxContainer, readonly Type[]>> = {
  int8: [INT8],
  int4: [INT4, INT8],
  int2: [INT2, INT4, INT8],
  uint8: [UINT8],
  uint4: [UINT4, UINT8],
  uint2: [UINT2, UINT4, UINT8],
};

export interface Contained extends Type {
  /** In the codes' order. */
  readonly values: Int32Array;
  /** As many as scales. */
  readonly zero: Int32Array;
  /** Whether the zero points are numbers of the container. */
  readonly fits: boolean;
}

/** A layer's codes in the narrowest container that holds them. */
export function contain({ bits, codes, zero }: LayerCodes, container: OnnxContainer): Contained {
  for (const type of CHOICES[container]) {
    if (type.bits < bits) continue;
    const offsets = Array.from(zero, (value) => offset(value, bits, type));
    if (offsets.includes(null)) continue;
    const own = offsets as number[];
    return {
      ...type,
      values: codes.map((code, i) => code + (own[i % own.length] as number)),
      zero: zero.map((value, i) => value + (own[i] as number)),
      fits: true,
    };
  }
  const half = 2 ** (bits - 1);
  return { ...INT8, values: codes.map((code) => code - half), zero: zero.map((value) => value - half), fits: false };
}

/** By how much a channel's codes and zero point move to fit; null where they do not. */
function offset(zero: number, bits: number, { low, bits: width }: Type): number | null {
  const high = low + 2 ** width - 1;
  const usual = low < 0 ? -(2 ** (bits - 1)) : 0;
  const wanted = Math.min(high - zero, Math.max(low - zero, usual));
  return wanted >= low && wanted + 2 ** bits - 1 <= high ? wanted : null;
}

/** Integers as the container's bytes: sub-byte ones from the low bits of each byte up (ONNX, TensorProto.raw_data). */
export function packed(values: Int32Array, bits: number): Uint8Array {
  if (bits === 8) return Uint8Array.from(values);
  const each = 8 / bits;
  const bytes = new Uint8Array(Math.ceil(values.length / each));
  const mask = 2 ** bits - 1;
  values.forEach((value, i) => {
    bytes[Math.floor(i / each)] = (bytes[Math.floor(i / each)] as number) | ((value & mask) << (bits * (i % each)));
  });
  return bytes;
}
