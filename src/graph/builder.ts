/** Builds a graph node by node, inferring shapes with the operators' rules, and keeps only what the output needs. */
import type { Graph, Node, Operation, Shape, ValueId } from "./types";

export type ShapeRule = (operation: Operation, inputs: readonly Shape[], name: string) => Shape;

export class GraphBuilder {
  private readonly nodes: Node[] = [];
  private readonly shapes = new Map<ValueId, Shape>();
  private readonly names = new Set<string>();

  constructor(
    private readonly name: string,
    private readonly input: ValueId,
    inputShape: Shape,
    private readonly shapeRule: ShapeRule,
  ) {
    this.shapes.set(input, inputShape);
  }

  /** A value that comes from outside, beside the input: for a part of a network. */
  declare(value: ValueId, shape: Shape): void {
    this.shapes.set(value, shape);
  }

  /** Adds a node and returns the name of its output. */
  add(name: string, operation: Operation, inputs: readonly ValueId[]): ValueId {
    let unique = name;
    for (let i = 2; this.names.has(unique); i++) unique = `${name}_${i}`;
    this.names.add(unique);
    const output = `${unique}:0`;
    this.shapes.set(
      output,
      this.shapeRule(
        operation,
        inputs.map((value) => this.shape(value)),
        unique,
      ),
    );
    this.nodes.push({ name: unique, inputs, output, operation });
    return output;
  }

  /** The node that makes a value; none for the input. */
  producer(value: ValueId): Node | undefined {
    return this.nodes.find(({ output }) => output === value);
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
    nodes.unshift(node);
    for (const input of node.inputs) needed.add(input);
  }
  return { ...graph, nodes };
}
