/** The operator table: adding an operator is a file here, a line below, and a line in each format. */
import type { Operation, OperationName, Shape } from "../graph/types";
import { add } from "./add";
import { affine } from "./affine";
import { clamp } from "./clamp";
import { concat } from "./concat";
import { conv2d } from "./conv2d";
import { linear } from "./linear";
import type { LoweringContext, Operator } from "./operator";
import { averagePool, globalAveragePool, maxPool } from "./pool";
import { flatten, pad, slice } from "./reshape";
import { softmax } from "./softmax";

const TABLE: { readonly [Name in OperationName]: Operator<Name> } = {
  conv2d,
  linear,
  affine,
  clamp,
  add,
  concat,
  maxPool,
  averagePool,
  globalAveragePool,
  flatten,
  pad,
  slice,
  softmax,
};

function operatorOf(operation: Operation): Operator {
  return TABLE[operation.op] as unknown as Operator;
}

export function shapeRule(operation: Operation, inputs: readonly Shape[], node: string): Shape {
  return operatorOf(operation).shape(operation, inputs, node);
}

export function lowerNode(context: LoweringContext): void {
  operatorOf(context.node.operation).lower(context.node.operation, context);
}
