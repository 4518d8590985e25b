/** Pooling and reductions over axes. */

import { axesOf } from "../arguments";
import { axisOf } from "../constants";
import { type Activation, activation, type Conversion, type Converter, constants, image, made } from "../conversion";
import { scaled, unary } from "./functions";
import { windowOf } from "./layers";
import { viewed } from "./shapes";

function pooling(kind: "maxPool" | "averagePool"): Converter {
  return (at) => {
    const given = activation(at, 0);
    const kernel = at.attributes.ints("kernel_shape");
    if (!kernel) throw at.fail("has no kernel_shape");
    if (kernel.length === 3) return alongOneAxis(at, given, kernel, kind);
    const x = image(at, given);
    if (at.outputs > 1) throw at.fail("gives the places of its maxima, which is not supported");
    const window = windowOf(at, x, kernel);
    const ceil = at.attributes.int("ceil_mode", 0) === 1;
    const includePad = at.attributes.int("count_include_pad", 0) === 1;
    if (kind === "maxPool") return made(at, { op: kind, ...window, ceil }, [x]);
    if (ceil && includePad) throw at.fail("rounds its size up and counts padding at once, which is not supported; export with ceil_mode=False");
    return made(at, { op: kind, ...window, ceil, includePad }, [x]);
  };
}

/**
 * A window of three dimensions that is wide in the first one only, as PyTorch writes local response normalization: it
 * slides over images whose rows are that axis and whose columns are all positions of the others.
 */
function alongOneAxis(at: Conversion, x: Activation, kernel: readonly number[], kind: "maxPool" | "averagePool"): Activation {
  const [, c, depth, h, w] = x.dims as [number, number, number, number, number];
  const { attributes } = at;
  const pads = attributes.ints("pads") ?? [0, 0, 0, 0, 0, 0];
  const other = [1, 2].some((axis) => kernel[axis] !== 1 || (attributes.ints("strides")?.[axis] ?? 1) !== 1 || pads[axis] || pads[axis + 3]);
  if (x.dims.length !== 5 || c !== 1 || other) throw at.fail(`has a ${kernel.length}-dimensional window; only images are supported`);
  const stride = attributes.ints("strides")?.[0] ?? 1;
  const rows = image(at, viewed(at, x, [1, 1, depth, h * w], "rows"));
  const window = {
    kernel: [kernel[0] as number, 1],
    strides: [stride, 1],
    dilations: [1, 1],
    pads: [pads[0] as number, pads[3] as number, 0, 0],
  } as const;
  const ceil = attributes.int("ceil_mode", 0) === 1;
  const includePad = attributes.int("count_include_pad", 0) === 1;
  const pooled = made(at, kind === "maxPool" ? { op: kind, ...window, ceil } : { op: kind, ...window, ceil, includePad }, [rows]);
  return viewed(at, pooled, [1, 1, pooled.dims[2] as number, h, w], "positions");
}

/** The p-norm of a window is not supported; the maximum over all positions is. */
const globalMaxPool: Converter = (at) => {
  const x = image(at, activation(at, 0));
  const [, , h, w] = x.dims as [number, number, number, number];
  return made(at, { op: "maxPool", kernel: [h, w], strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0], ceil: false }, [x]);
};

/** The axes that a reduction names, or all but the batch. */
function reducedAxes(at: Conversion, x: Activation): number[] {
  const rank = x.dims.length;
  const named = axesOf(constants(at), at)?.map((axis) => axisOf(axis, rank, at));
  const axes = named && named.length > 0 ? named : x.dims.map((_, axis) => axis);
  if (axes.includes(0)) throw at.fail("reduces over the batch, which is not supported");
  return [...axes].sort((a, b) => a - b);
}

function reduced(at: Conversion, x: Activation, kind: "mean" | "sum" | "max", part?: string): Activation {
  const axes = reducedAxes(at, x);
  const keepDims = at.attributes.int("keepdims", 1) === 1;
  if (kind === "mean" && axes.join() === "2,3" && x.dims.length === 4) return spaceMean(at, x, keepDims, part);
  const dims = keepDims ? x.dims.map((extent, axis) => (axes.includes(axis) ? 1 : extent)) : x.dims.filter((_, axis) => !axes.includes(axis));
  const stored = x.order.flatMap((axis, i) => (axes.includes(axis) ? [i] : []));
  const kept = x.order.filter((axis) => !axes.includes(axis));
  const renumbered = kept.map((axis) => axis - axes.filter((other) => other < axis).length);
  const result = made(at, { op: "reduce", kind, axes: stored, keepDims }, [x], keepDims ? x.order : renumbered, part);
  return { ...result, dims };
}

function spaceMean(at: Conversion, input: Activation, keepDims: boolean, part?: string): Activation {
  return made(at, { op: "globalAveragePool", keepDims }, [image(at, input)], undefined, part);
}

const reduction =
  (kind: "mean" | "sum" | "max"): Converter =>
  (at) =>
    reduced(at, activation(at, 0), kind);

/** sqrt(sum x^2) */
const reduceL2: Converter = (at) => {
  const x = activation(at, 0);
  const squares = made(at, { op: "mul" }, [x, x], x.order, "square");
  return unary(at, reduced(at, squares, "sum", "sum"), { fn: "power", alpha: 0.5 });
};

export const POOLING: Readonly<Record<string, Converter>> = {
  MaxPool: pooling("maxPool"),
  AveragePool: pooling("averagePool"),
  GlobalAveragePool: (at) => spaceMean(at, activation(at, 0), true),
  GlobalMaxPool: globalMaxPool,
  ReduceMean: reduction("mean"),
  ReduceSum: reduction("sum"),
  ReduceMax: reduction("max"),
  ReduceMin: (at) => scaled(at, reduced(at, scaled(at, activation(at, 0), -1, 0, "negative"), "max", "max"), -1),
  ReduceL2: reduceL2,
  ReduceSumSquare: (at) => {
    const x = activation(at, 0);
    return reduced(at, made(at, { op: "mul" }, [x, x], x.order, "square"), "sum");
  },
};
