/**
 * Operators that the lab does not know, gathered over the whole file, so that a person learns of all at once. What they
 * would make, and what is computed from it, is unknown; so is arithmetic on its shape, which is no activation.
 */
import type { NodeProto } from "onnx-buf";
import { BadInput } from "../../base/errors";

export class Refused {
  private readonly byOperator = new Map<string, string[]>();
  private readonly unknown = new Set<string>();
  private readonly unknownShapes = new Set<string>();

  add(operator: string, name: string): void {
    this.byOperator.set(operator, [...(this.byOperator.get(operator) ?? []), name]);
  }

  /** Marks a node's outputs as unknown. */
  mark({ output }: NodeProto, asShape = false): void {
    for (const value of output) (asShape ? this.unknownShapes : this.unknown).add(value);
  }

  reads({ input }: NodeProto): boolean {
    return input.some((value) => this.unknown.has(value) || this.unknownShapes.has(value));
  }

  /** Whether a node that reads something unknown computes with shapes alone. */
  isShape({ opType, input }: NodeProto): boolean {
    return opType === "Shape" || !input.some((value) => this.unknown.has(value));
  }

  throwIfAny(fileName: string, opset: number, known: readonly string[]): void {
    if (this.byOperator.size === 0) return;
    const list = [...this.byOperator].map(
      ([operator, names]) => `${operator} (${names.length === 1 ? "1 node" : `${names.length} nodes`}, first "${names[0]}")`,
    );
    throw new BadInput(
      `${fileName} (opset ${opset}) uses ${list.length === 1 ? "an operator" : `${list.length} operators`} that the lab does not support: ${list.join(", ")}. It reads ${known.join(", ")}.`,
    );
  }
}
