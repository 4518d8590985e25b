/** Arrays of the reference: dims and float64 numbers in row-major order, and what reorders them, as the ONNX standard has it. */
import type { FileTensor } from "./file";

export interface Value {
  readonly dims: readonly number[];
  readonly data: Float64Array;
}

export const countOf = (dims: readonly number[]): number => dims.reduce((product, extent) => product * extent, 1);

export function fromTensor({ dims, data }: FileTensor): Value {
  return { dims, data: Float64Array.from(data as ArrayLike<number | bigint>, Number) };
}

/** The values at every index of `dims`. */
export function generate(dims: readonly number[], at: (index: readonly number[]) => number): Value {
  const data = new Float64Array(countOf(dims));
  const index = dims.map(() => 0);
  for (let i = 0; i < data.length; i++) {
    data[i] = at(index);
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      index[axis] = (index[axis] as number) + 1;
      if ((index[axis] as number) < (dims[axis] as number)) break;
      index[axis] = 0;
    }
  }
  return { dims, data };
}

export function read({ dims, data }: Value, index: readonly number[]): number {
  let at = 0;
  dims.forEach((extent, axis) => {
    at = at * extent + (index[axis] as number);
  });
  return data[at] as number;
}

/** Of values of one shape, or where one of them is a single number. */
export function elementwise(a: Value, b: Value, apply: (a: number, b: number) => number): Value {
  const dims = a.data.length >= b.data.length ? a.dims : b.dims;
  if (a.data.length !== b.data.length && a.data.length !== 1 && b.data.length !== 1) throw new Error(`shapes [${a.dims}] and [${b.dims}]`);
  const of = ({ data }: Value, i: number) => data[data.length === 1 ? 0 : i] as number;
  return { dims, data: Float64Array.from({ length: countOf(dims) }, (_, i) => apply(of(a, i), of(b, i))) };
}

export function map({ dims, data }: Value, apply: (x: number) => number): Value {
  return { dims, data: data.map(apply) };
}

export function concat(parts: readonly Value[], axis: number): Value {
  const first = parts[0] as Value;
  const ends: number[] = [];
  for (const part of parts) ends.push((ends.at(-1) ?? 0) + (part.dims[axis] as number));
  const dims = first.dims.with(axis, ends.at(-1) as number);
  return generate(dims, (index) => {
    const at = index[axis] as number;
    const which = ends.findIndex((end) => at < end);
    return read(parts[which] as Value, index.with(axis, at - (ends[which - 1] ?? 0)));
  });
}

/** One axis from `start` towards `end` by `step`; a negative start or end counts from behind. */
export function slice(x: Value, axis: number, start: number, end: number, step: number): Value {
  const extent = x.dims[axis] as number;
  const wrap = (at: number) => (at < 0 ? at + extent : at);
  const indices: number[] = [];
  if (step > 0) for (let i = Math.max(0, wrap(start)); i < Math.min(extent, wrap(end)); i += step) indices.push(i);
  else for (let i = Math.min(extent - 1, wrap(start)); i > wrap(end) && i >= 0; i += step) indices.push(i);
  return generate(x.dims.with(axis, indices.length), (index) => read(x, index.with(axis, indices[index[axis] as number] as number)));
}

/** @param target 0 keeps an extent, -1 takes the rest */
export function reshape(x: Value, target: readonly number[]): Value {
  const dims = target.map((extent, axis) => (extent === 0 ? (x.dims[axis] as number) : extent));
  const rest = x.data.length / Math.abs(countOf(dims));
  return { dims: dims.map((extent) => (extent === -1 ? rest : extent)), data: x.data };
}

export function transpose(x: Value, perm: readonly number[]): Value {
  return generate(
    perm.map((axis) => x.dims[axis] as number),
    (index) =>
      read(
        x,
        perm.map((_, axis) => index[perm.indexOf(axis)] as number),
      ),
  );
}

/** @param pads begins of all axes, then ends */
export function pad(x: Value, pads: readonly number[], filler: number): Value {
  const rank = x.dims.length;
  const dims = x.dims.map((extent, axis) => extent + (pads[axis] as number) + (pads[axis + rank] as number));
  return generate(dims, (index) => {
    const from = index.map((at, axis) => at - (pads[axis] as number));
    return from.every((at, axis) => at >= 0 && at < (x.dims[axis] as number)) ? read(x, from) : filler;
  });
}
