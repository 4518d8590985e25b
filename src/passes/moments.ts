/**
 * Mean and variance of every value by channel without any data, from the statistics that batch normalization left with
 * the layers (Nagel et al., ICCV 2019, section 4.2.1): a normalized output is about normal, an activation function
 * clips it, a sum of branches adds means and variances as if they were independent. Pooling keeps the mean.
 */
import { clipped } from "../base/normal";
import { shapeOf } from "../graph/queries";
import type { Graph, Node, ValueId } from "../graph/types";

export interface Moments {
  readonly mean: Float64Array;
  readonly variance: Float64Array;
}

/** Moments of each value for which they follow from statistics; what depends on a layer without any is left out. */
export function momentsOf(graph: Graph): Map<ValueId, Moments> {
  const moments = new Map<ValueId, Moments>();
  for (const node of graph.nodes) {
    const made = momentsAt(
      graph,
      node,
      node.inputs.map((value) => moments.get(value)),
    );
    if (made) moments.set(node.output, made);
  }
  return moments;
}

function momentsAt(graph: Graph, { operation, inputs: names }: Node, inputs: readonly (Moments | undefined)[]): Moments | null {
  const [a, b] = inputs;
  switch (operation.op) {
    case "conv2d":
    case "linear":
    case "affine": {
      const { statistics } = operation;
      if (!statistics) return null;
      return { mean: Float64Array.from(statistics.mean), variance: Float64Array.from(statistics.deviation, (value) => value * value) };
    }
    case "clamp": {
      if (!a) return null;
      const points = Array.from(a.mean, (mean, c) => clipped(mean, a.variance[c] as number, operation.low, operation.high));
      return { mean: Float64Array.from(points, ({ mean }) => mean), variance: Float64Array.from(points, ({ variance }) => variance) };
    }
    case "add":
      if (!a || !b) return null;
      return {
        mean: a.mean.map((mean, c) => mean + (b.mean[c] as number)),
        variance: a.variance.map((value, c) => value + (b.variance[c] as number)),
      };
    case "concat":
      if (!inputs.every((one) => one !== undefined)) return null;
      return {
        mean: Float64Array.from(inputs.flatMap((one) => [...(one as Moments).mean])),
        variance: Float64Array.from(inputs.flatMap((one) => [...(one as Moments).variance])),
      };
    case "maxPool":
    case "averagePool":
    case "globalAveragePool":
      return a ?? null;
    case "flatten": {
      if (!a) return null;
      const shape = shapeOf(graph, names[0] as ValueId);
      const channels = a.mean.length;
      const size = shape.reduce((product, extent) => product * extent, 1);
      const channelOf = (i: number) => (operation.order === "chw" ? Math.floor(i / (size / channels)) : i % channels);
      const spread = (values: Float64Array) => Float64Array.from({ length: size }, (_, i) => values[channelOf(i)] as number);
      return { mean: spread(a.mean), variance: spread(a.variance) };
    }
    default:
      return null;
  }
}
