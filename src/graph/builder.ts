/** Builds a graph node by node, inferring shapes with the operators' rules, and keeps only what the output needs. */
import { BadInput } from "../base/errors";
import { type Graph, type Node, type Operation, type Shape, sizeOf, type ValueId } from "./types";

/**
 * Numbers along one axis of a value, and in all of it for one image. The largest networks that anybody quantizes stay far below
 * (an image of 4096x4096 has 2^26 numbers in four channels); a damaged file may ask for any number.
 */
const [LONGEST, LARGEST] = [2 ** 24, 2 ** 28];

export type ShapeRule = (operation: Operation, inputs: readonly Shape[], name: string) => Shape;

export class GraphBuilder {
  private readonly nodes: Node[] = [];
  private readonly shapes = new Map<ValueId, Shape>();
  private readonly producers = new Map<ValueId, Node>();
  /** The names that are taken, with the number that the last node of that name got. */
  private readonly names = new Map<string, number>();

  constructor(
    private readonly name: string,
    private readonly input: ValueId,
    inputShape: Shape,
    private readonly shapeRule: ShapeRule,
  ) {
    this.shapes.set(input, this.checked(inputShape, `Input "${input}"`));
  }

  /** A value that comes from outside, beside the input: for a part of a network. */
  declare(value: ValueId, shape: Shape): void {
    this.shapes.set(value, shape);
  }

  /** Adds a node and returns the name of its output. */
  add(name: string, operation: Operation, inputs: readonly ValueId[]): ValueId {
    const unique = this.unused(name);
    const output = `${unique}:0`;
    const shapes = inputs.map((value) => this.shape(value));
    this.shapes.set(output, this.checked(this.shapeOf(operation, shapes, unique), `Node "${unique}"`));
    const node = { name: unique, inputs, output, operation };
    this.nodes.push(node);
    this.producers.set(output, node);
    return output;
  }

  private unused(name: string): string {
    let unique = name;
    let number = this.names.get(name) ?? 1;
    while (this.names.has(unique)) unique = `${name}_${++number}`;
    this.names.set(name, number);
    this.names.set(unique, this.names.get(unique) ?? 1);
    return unique;
  }

  /** The operator's own rule, whose errors do not know the file. */
  private shapeOf(operation: Operation, inputs: readonly Shape[], name: string): Shape {
    try {
      return this.shapeRule(operation, inputs, name);
    } catch (error) {
      if (!(error instanceof BadInput) || error.message.includes(this.name)) throw error;
      throw new BadInput(`${this.name}: ${error.message}`, { cause: error });
    }
  }

  private checked(shape: Shape, what: string): Shape {
    const whole = shape.every((extent) => Number.isInteger(extent) && extent >= 1);
    if (!whole || shape.some((extent) => extent > LONGEST) || sizeOf(shape) > LARGEST)
      throw new BadInput(
        `${what} of ${this.name} has shape [${shape.join(", ")}]; ${whole ? "the lab takes values of up to 2^28 numbers, 2^24 along an axis: choose a smaller input size, or" : "the file is damaged:"} export the model again.`,
      );
    return shape;
  }

  /** The node that makes a value; none for the input. */
  producer(value: ValueId): Node | undefined {
    return this.producers.get(value);
  }

  shape(value: ValueId): Shape {
    const shape = this.shapes.get(value);
    if (!shape) throw new Error(`Value ${value} is not defined yet`);
    return shape;
  }

  /** @param judged the output that results are judged on, the first by default */
  build(outputs: readonly ValueId[], judged = outputs[0] as ValueId): Graph {
    return prune({ name: this.name, input: this.input, output: judged, outputs, nodes: this.nodes, shapes: this.shapes });
  }
}

/** Drops the nodes that do not lead to an output. */
export function prune(graph: Graph): Graph {
  const needed = new Set(graph.outputs);
  const nodes: Node[] = [];
  for (const node of [...graph.nodes].reverse()) {
    if (!needed.has(node.output)) continue;
    nodes.push(node);
    for (const input of node.inputs) needed.add(input);
  }
  return { ...graph, nodes: nodes.reverse() };
}
