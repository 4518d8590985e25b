/**
 * What the lab knows about one operator: its shape rule and the engine steps that compute it. The steps'
 * own derivatives (engine/autodiff) give its gradient, so an operator says nothing about backward.
 */
import type { ProgramBuilder } from "../engine/program";
import type { Node, Operation, OperationName, Shape, ValueId } from "../graph/types";

export type OperationOf<Name extends OperationName> = Extract<Operation, { op: Name }>;

/** Where a node's steps go. */
export interface LoweringContext {
  readonly builder: ProgramBuilder;
  readonly batch: number;
  readonly node: Node;
  /** The buffer of a value that is computed already. */
  buffer(value: ValueId): string;
  shape(value: ValueId): Shape;
  /** The buffer that holds a parameter of the node, by the parameter's name (`kernel`, `bias`, `scale`). */
  parameter(name: string, values: Float32Array): string;
  /** The buffer to write the node's output to. */
  readonly out: string;
}

export interface Operator<Name extends OperationName = OperationName> {
  readonly name: Name;
  /** The output's shape; throws BadInput, naming the node, if the inputs do not fit. */
  shape(operation: OperationOf<Name>, inputs: readonly Shape[], node: string): Shape;
  /** Appends the steps that compute the node; null where the output is the input's numbers in their order. */
  readonly lower: ((operation: OperationOf<Name>, context: LoweringContext) => void) | null;
}
