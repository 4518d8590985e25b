/** The writers by operator. Adding an operator to the graph is one more here. */
import type { OperationName } from "../../graph/types";
import { conv2d, dilate, linear } from "./layers";
import { broadcast, concat, flatten, gather, pad, reshape, slice, transpose } from "./moving";
import { groupNorm, layerNorm, localResponseNorm, matMul, reduce, softmax } from "./normalize";
import { add, affine, clamp, fakeQuantize, mul, prelu, unary } from "./pointwise";
import { resize } from "./resize";
import { averagePool, globalAveragePool, maxPool } from "./windows";
import type { Writer } from "./writer";

const WRITERS: { readonly [Name in OperationName]: Writer<Name> } = {
  conv2d,
  linear,
  affine,
  clamp,
  unary,
  prelu,
  fakeQuantize,
  add,
  mul,
  matMul,
  concat,
  maxPool,
  averagePool,
  globalAveragePool,
  reduce,
  layerNorm,
  groupNorm,
  localResponseNorm,
  flatten,
  reshape,
  transpose,
  broadcast,
  pad,
  slice,
  gather,
  dilate,
  resize,
  softmax,
};

export function writerOf(op: OperationName): Writer<OperationName> {
  return WRITERS[op] as unknown as Writer<OperationName>;
}
