/** The operator table: adding an operator is a file here, a line below, and a line in each format. */
import type { Operation, OperationName, Shape } from "../graph/types";
import { add } from "./add";
import { affine } from "./affine";
import { clamp } from "./clamp";
import { concat } from "./concat";
import { conv2d } from "./conv2d";
import { linear } from "./linear";
import { matMul, mul } from "./mul";
import { groupNorm, layerNorm, localResponseNorm } from "./normalize";
import type { LoweringContext, Operator } from "./operator";
import { averagePool, globalAveragePool, maxPool } from "./pool";
import { broadcast, reduce } from "./reduce";
import { dilate, flatten, pad, reshape, slice, transpose } from "./reshape";
import { gather, resize } from "./resize";
import { softmax } from "./softmax";
import { fakeQuantize, prelu, unary } from "./unary";

const TABLE: { readonly [Name in OperationName]: Operator<Name> } = {
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

function operatorOf(operation: Operation): Operator {
  return TABLE[operation.op] as unknown as Operator;
}

export function shapeRule(operation: Operation, inputs: readonly Shape[], node: string): Shape {
  return operatorOf(operation).shape(operation, inputs, node);
}

/** Appends the steps that compute a node; returns the buffer of its output. */
export function lowerNode(context: LoweringContext): string {
  const { operation, inputs } = context.node;
  const { lower } = operatorOf(operation);
  if (!lower) return context.buffer(inputs[0] as string);
  lower(operation, context);
  return context.out;
}
