/** What a graph model reduces over axes, resizes and normalizes by its neighbours. */
import type { ReduceKind, ValueId } from "../../../graph/types";
import { add, type Pair, resize, scalar, scaleAndShift } from "../build";
import { type Activation, activation, type Converter, made, ownAxis, type Value, wholes } from "./values";

function reduction(kind: ReduceKind): Converter {
  return (at) => {
    const x = activation(at, 0);
    const axes = wholes(at, 1, "axes").map((axis) => ownAxis(at, x, axis));
    const keepDims = at.node.attributes.bool("keep_dims") || at.node.attributes.bool("keepdims");
    const space = kind === "mean" && at.graph.shape(x.id).length === 3 && [...axes].sort().join() === "0,1";
    if (axes.length === 0) return x;
    return made(at, add(at, space ? { op: "globalAveragePool", keepDims } : { op: "reduce", kind, axes, keepDims }, [x.id]), x.batched);
  };
}

const smallest: Converter = (at) => {
  const x = activation(at, 0);
  const negative = (id: ValueId, suffix: string) => scaleAndShift(at, id, scalar(-1), null, suffix);
  const largest = reduction("max")({ ...at, inputs: [{ ...x, id: negative(x.id, "negative") }, at.inputs[1] as Value] }) as Activation;
  return { ...largest, id: negative(largest.id, "") };
};

function resizing(mode: "nearest" | "linear"): Converter {
  return (at) => {
    const x = activation(at, 0);
    const size = wholes(at, 1, "size");
    const { attributes } = at.node;
    const options = { mode, alignCorners: attributes.bool("align_corners"), halfPixels: attributes.bool("half_pixel_centers") };
    if (size.length !== 2) throw at.fail("resizes to a size that is no height and width");
    return made(at, resize(at, x.id, size as unknown as Pair, options));
  };
}

export const REDUCTIONS: Readonly<Record<string, Converter>> = {
  Mean: reduction("mean"),
  Sum: reduction("sum"),
  Max: reduction("max"),
  Min: smallest,
  ResizeBilinear: resizing("linear"),
  ResizeNearestNeighbor: resizing("nearest"),
  LRN: (at) => {
    const x = activation(at, 0);
    const { attributes } = at.node;
    const size = 2 * attributes.int("depth_radius", 5) + 1;
    // TensorFlow's alpha is that of one neighbour, the graph's of their sum.
    const alpha = attributes.float("alpha", 1) * size;
    return made(
      at,
      add(at, { op: "localResponseNorm", size, alpha, beta: attributes.float("beta", 0.5), bias: attributes.float("bias", 1) }, [x.id]),
    );
  },
};
