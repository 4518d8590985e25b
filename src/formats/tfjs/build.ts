/**
 * TensorFlow's operators as nodes of our graph, for layers and graph models alike. Both are NHWC with kernels HWIO, so little is
 * turned around; what differs is how padding is said (TensorFlow API, "SAME" and "VALID") and the kernels of depthwise and transposed
 * convolutions.
 */
import type { BadInput } from "../../base/errors";
import type { GraphBuilder } from "../../graph/builder";
import { type Operation, type Pads, type Shape, sizeOf, type Tensor, type ValueId, type Window } from "../../graph/types";

/** Where in a file a node is converted. */
export interface At {
  readonly graph: GraphBuilder;
  /** Of the node that is converted. */
  readonly name: string;
  readonly sources: Sources;
  /** A BadInput that names node and file. */
  fail(reason: string): BadInput;
}

/** What made a value, where another node may take its place with it: zero padding before a convolution, a transpose before another. */
export type Sources = Map<ValueId, { readonly operation: Operation; readonly inputs: readonly ValueId[] }>;

export type Padding = "same" | "valid" | Pads;

export type Pair = readonly [number, number];

/** Adds a node; further ones of the same file node get a suffix. */
export function add(at: At, operation: Operation, inputs: readonly ValueId[], suffix = ""): ValueId {
  const output = at.graph.add(suffix ? `${at.name}/${suffix}` : at.name, operation, inputs);
  at.sources.set(output, { operation, inputs });
  return output;
}

export function vector(data: Float32Array): Tensor {
  return { shape: [data.length], data };
}

/** Rows before and after for "SAME": as few as give ceil(size / stride) outputs, the odd one at the end. */
function samePadding(size: number, kernel: number, stride: number, dilation: number): [number, number] {
  const total = Math.max(0, (Math.ceil(size / stride) - 1) * stride + (kernel - 1) * dilation + 1 - size);
  return [Math.floor(total / 2), Math.ceil(total / 2)];
}

export interface WindowOptions {
  readonly strides: Pair;
  readonly dilations?: Pair;
  readonly padding: Padding;
}

/** The window over an image value, its padding resolved for the value's size. */
export function windowOf(at: At, x: ValueId, kernel: Pair, { strides, dilations = [1, 1], padding }: WindowOptions): Window {
  const shape = image(at, x);
  if ([...kernel, ...strides, ...dilations].some((extent) => !Number.isSafeInteger(extent) || extent < 1))
    throw at.fail(
      `has a window of ${kernel.join("x")}, strides ${strides.join("x")} and dilations ${dilations.join("x")}; expected whole numbers above 0`,
    );
  if (padding === "valid") return { kernel, strides, dilations, pads: [0, 0, 0, 0] };
  if (padding !== "same") return { kernel, strides, dilations, pads: padding };
  const [rows, columns] = [0, 1].map((axis) =>
    samePadding(shape[axis] as number, kernel[axis] as number, strides[axis] as number, dilations[axis] as number),
  ) as [[number, number], [number, number]];
  return { kernel, strides, dilations, pads: [...rows, ...columns] };
}

/** The shape of a value that must be an image. */
export function image(at: At, x: ValueId): readonly [number, number, number] {
  const shape = at.graph.shape(x);
  if (shape.length !== 3) throw at.fail(`works on images [batch, height, width, channels], but its input has shape [batch, ${shape.join(", ")}]`);
  return shape as readonly [number, number, number];
}

export interface ConvOptions extends WindowOptions {
  /** [kh, kw, c / groups, k] */
  readonly kernel: Tensor;
  readonly bias: Tensor | null;
  readonly groups: number;
}

/** A convolution; zero padding of height and width that comes right before it becomes its own. */
export function convolve(at: At, x: ValueId, options: ConvOptions): ValueId {
  const { kernel, bias, groups } = options;
  const { strides, dilations, pads } = windowOf(at, x, [kernel.shape[0] as number, kernel.shape[1] as number], options);
  const padded = zeroPadding(at, x);
  const own: Pads = padded ? (pads.map((extent, side) => extent + (padded.pads[side] as number)) as unknown as Pads) : pads;
  return add(at, { op: "conv2d", strides, dilations, pads: own, groups, kernel, bias }, [padded?.input ?? x]);
}

function zeroPadding(at: At, x: ValueId): { input: ValueId; pads: Pads } | null {
  const source = at.sources.get(x);
  if (source?.operation.op !== "pad" || source.operation.value !== 0 || (source.operation.mode ?? "constant") !== "constant") return null;
  const { before, after } = source.operation;
  const pads: Pads = [before[0] as number, after[0] as number, before[1] as number, after[1] as number];
  if (before.length !== 3 || before[2] || after[2] || pads.some((extent) => extent < 0)) return null;
  return { input: source.inputs[0] as ValueId, pads };
}

/** A depthwise kernel [kh, kw, c, m] as that of a convolution in c groups, [kh, kw, 1, c m]: the same numbers in the same order. */
export function depthwiseKernel({ shape, data }: Tensor): Tensor {
  const [kh, kw, c, m] = shape as [number, number, number, number];
  return { shape: [kh, kw, 1, c * m], data };
}

/**
 * A transposed convolution with kernel [kh, kw, k, c]: the gradient of a convolution that takes an image of `size` to its input, as
 * zeros between the pixels and a convolution with the kernel turned by 180 degrees.
 */
export function convolveTransposed(at: At, x: ValueId, options: ConvOptions & { readonly size: Pair }): ValueId {
  const { kernel, bias, strides, padding, size } = options;
  const shape = image(at, x);
  const [kh, kw, k, c] = kernel.shape as [number, number, number, number];
  if (c !== shape[2]) throw at.fail(`has a kernel for ${c} channels, but its input has ${shape[2]}`);
  const sides = [kh, kw].map((extent, axis) => {
    const [given, stride, out] = [shape[axis] as number, strides[axis] as number, size[axis] as number];
    const spread = (given - 1) * stride + 1;
    const total = Math.max(0, (given - 1) * stride + extent - out);
    const first = padding === "same" ? Math.floor(total / 2) : padding === "valid" ? 0 : (padding[2 * axis] as number);
    const before = extent - 1 - first;
    const after = out + extent - 1 - spread - before;
    const forward = padding === "same" ? Math.ceil(out / stride) : padding === "valid" ? Math.ceil((out - extent + 1) / stride) : given;
    if (before < 0 || after < 0 || forward !== given) throw at.fail(`makes ${out} rows or columns of ${given}, which its kernel and strides do not`);
    return [before, after] as const;
  });
  const data = new Float32Array(kernel.data.length);
  for (let t = 0; t < kh * kw; t++)
    for (let o = 0; o < k; o++) for (let i = 0; i < c; i++) data[((kh * kw - 1 - t) * c + i) * k + o] = kernel.data[(t * k + o) * c + i] as number;
  const spread = strides[0] === 1 && strides[1] === 1 ? x : add(at, { op: "dilate", strides }, [x], "dilate");
  const turned = { shape: [kh, kw, c, k], data };
  return convolve(at, spread, { ...options, strides: [1, 1], padding: sides.flat() as unknown as Pads, groups: 1, kernel: turned, bias });
}

export interface Normalization {
  readonly gamma: Float32Array | null;
  readonly beta: Float32Array | null;
  readonly mean: Float32Array;
  readonly variance: Float32Array;
  readonly epsilon: number;
}

/** A batch normalization with the statistics of training, by channel. */
export function normalize(at: At, x: ValueId, { gamma, beta, mean, variance, epsilon }: Normalization): ValueId {
  const channels = mean.length;
  const [scale, shift] = [new Float32Array(channels), new Float32Array(channels)];
  for (let i = 0; i < channels; i++) {
    // In float32, as ONNX files are read: one last bit can move a weight across a rounding tie.
    const factor = Math.fround((gamma?.[i] ?? 1) / Math.fround(Math.sqrt(Math.fround((variance[i] as number) + epsilon))));
    scale[i] = factor;
    shift[i] = (beta?.[i] ?? 0) - (mean[i] as number) * factor;
  }
  const statistics = { mean: beta ?? new Float32Array(channels), deviation: gamma ? gamma.map(Math.abs) : new Float32Array(channels).fill(1) };
  return add(at, { op: "affine", scale: vector(scale), shift: vector(shift), statistics }, [x]);
}

/** x times a constant plus a constant; by channel where they are one number a channel, so that a layer before can take them in. */
export function scaleAndShift(at: At, x: ValueId, scale: Tensor | null, shift: Tensor | null, suffix = ""): ValueId {
  const shape = at.graph.shape(x);
  const [factors, offsets] = [byChannel(shape, scale, 1), byChannel(shape, shift, 0)];
  if (factors && offsets) return add(at, { op: "affine", scale: vector(factors), shift: vector(offsets) }, [x], suffix);
  const scaled = scale ? add(at, { op: "mul", operand: scale }, [x], suffix) : x;
  return shift ? add(at, { op: "add", operand: shift }, [scaled], suffix) : scaled;
}

export function scalar(value: number): Tensor {
  return { shape: [1], data: Float32Array.of(value) };
}

/** One number for each channel of a shape from a constant that broadcasts over it; null where it differs by position, or widens the shape. */
export function byChannel(shape: Shape, operand: Tensor | null, none = 0): Float32Array | null {
  const channels = shape.at(-1);
  if (channels === undefined) return null;
  if (!operand) return new Float32Array(channels).fill(none);
  if (operand.shape.length > shape.length) return null;
  if (operand.data.length === 1) return new Float32Array(channels).fill(operand.data[0] as number);
  return operand.data.length === channels && operand.shape.at(-1) === channels ? operand.data : null;
}

/** The larger of two values: a + max(b - a, 0). */
export function maximum(at: At, a: ValueId, b: ValueId, suffix = ""): ValueId {
  const negative = scaleAndShift(at, a, scalar(-1), null, `${suffix}negative`);
  const difference = add(at, { op: "add" }, [b, negative], `${suffix}difference`);
  const above = add(at, { op: "clamp", low: 0, high: Number.POSITIVE_INFINITY }, [difference], `${suffix}above`);
  return add(at, { op: "add" }, [a, above], suffix);
}

/** max(x, 0) + alpha min(x, 0), alpha by channel or by number. */
export function prelu(at: At, x: ValueId, alpha: Tensor, suffix = ""): ValueId {
  const slope = byChannel(at.graph.shape(x), alpha);
  if (slope) return add(at, { op: "prelu", slope: vector(slope) }, [x], suffix);
  const above = add(at, { op: "clamp", low: 0, high: Number.POSITIVE_INFINITY }, [x], "above");
  const below = add(at, { op: "clamp", low: Number.NEGATIVE_INFINITY, high: 0 }, [x], "below");
  return add(at, { op: "add" }, [above, add(at, { op: "mul", operand: alpha }, [below], "slope")], suffix);
}

/** Height and width to `size`, in TensorFlow's terms (ResizeBilinear, ResizeNearestNeighbor). */
export function resize(
  at: At,
  x: ValueId,
  size: Pair,
  { mode, alignCorners, halfPixels }: { mode: "nearest" | "linear"; alignCorners: boolean; halfPixels: boolean },
): ValueId {
  const [h, w] = image(at, x);
  const half = mode === "linear" ? "half_pixel" : "tf_half_pixel_for_nn";
  const coordinates = alignCorners ? "align_corners" : halfPixels ? half : "asymmetric";
  const rounding = alignCorners ? "round_prefer_ceil" : "floor";
  const scales = [size[0] / h, size[1] / w] as const;
  return add(at, { op: "resize", size, scales, mode, coordinates, rounding, cubic: -0.75, excludeOutside: false }, [x]);
}

/** Transposes, two in a row as one; none where nothing moves. */
export function transpose(at: At, x: ValueId, perm: readonly number[], suffix = ""): ValueId {
  const source = at.sources.get(x);
  if (source?.operation.op === "transpose") {
    const before = source.operation.perm;
    return transpose(
      at,
      source.inputs[0] as ValueId,
      perm.map((axis) => before[axis] as number),
      suffix,
    );
  }
  return perm.every((axis, i) => axis === i) ? x : add(at, { op: "transpose", perm }, [x], suffix);
}

/** The same numbers under another shape. */
export function reshape(at: At, x: ValueId, shape: Shape, suffix = ""): ValueId {
  const from = at.graph.shape(x);
  if (from.join() === shape.join()) return x;
  if (sizeOf(from) !== sizeOf(shape)) throw at.fail(`reshapes [${from.join(", ")}] to [${shape.join(", ")}], which holds another number of values`);
  return add(at, shape.length === 1 ? { op: "flatten", order: "hwc" } : { op: "reshape", shape }, [x], suffix);
}
