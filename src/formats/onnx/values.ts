/**
 * What is known of a file's values while its nodes are walked. A network's numbers are there twice already, as the file's bytes
 * and as kernels in the lab's order; so an initializer is decoded only when a node reads it, and constants are forgotten
 * after the last node that reads them.
 */
import type { GraphProto, NodeProto, TensorProto } from "onnx-buf";
import type { Budget } from "../limits";
import type { Known } from "./conversion";
import type { Constant } from "./tensors";

export class Values {
  private readonly known = new Map<string, Known>();
  private readonly initializers: Map<string, TensorProto>;
  /** How many nodes and outputs have still to read a value. */
  private readonly readers = new Map<string, number>();

  /** @param decode reads an initializer; may throw BadInput */
  constructor(
    { node, output, initializer }: GraphProto,
    private readonly budget: Budget,
    private readonly decode: (tensor: TensorProto) => Constant,
  ) {
    this.initializers = new Map(initializer.map((tensor) => [tensor.name, tensor]));
    for (const name of [...node.flatMap(({ input }) => input), ...output.map((value) => value.name)])
      this.readers.set(name, (this.readers.get(name) ?? 0) + 1);
  }

  has(name: string): boolean {
    return this.known.has(name) || this.initializers.has(name);
  }

  get(name: string): Known | undefined {
    const own = this.known.get(name);
    const tensor = this.initializers.get(name);
    if (own || !tensor) return own;
    const value = this.decode(tensor);
    this.budget.hold(value.data.length);
    this.known.set(name, value);
    return value;
  }

  set(name: string, value: Known): void {
    this.known.set(name, value);
  }

  /** Whether a node reads the value or the file gives it out: one that nobody reads need not be made. */
  isRead(name: string): boolean {
    return this.readers.has(name);
  }

  /** To be called once a node is converted. */
  leave({ input }: NodeProto): void {
    for (const name of input) {
      const left = (this.readers.get(name) ?? 1) - 1;
      this.readers.set(name, left);
      if (left === 0 && this.known.get(name)?.kind === "constant") this.known.delete(name);
    }
  }
}
