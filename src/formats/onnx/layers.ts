/**
 * The converters: one ONNX operator each, from the file's NCHW to our NHWC. A converter reads its inputs as
 * activations or constants, adds nodes to the graph, and returns the activation that it makes.
 */
import type { GraphBuilder } from "../../graph/builder";
import type { Pads, Statistics, Tensor, ValueId, Window } from "../../graph/types";
import { axesOf, type FoldContext, normalizeAxis, reshapeTarget, sliceArguments, sliceRanges } from "./folding";
import type { Constant } from "./tensors";

/** A value computed at run time, with its shape in the file's order and a batch of 1. */
export interface Activation {
  readonly kind: "activation";
  readonly id: ValueId;
  readonly dims: readonly number[];
}

export type Known = Activation | Constant;

export interface Conversion extends FoldContext {
  readonly graph: GraphBuilder;
  readonly name: string;
  readonly inputs: readonly (Known | null)[];
  /** What the file calls the inputs. */
  readonly operands: readonly string[];
}

type Converter = (at: Conversion) => Activation;

function activation(at: Conversion, index: number): Activation {
  const input = at.inputs[index];
  if (input?.kind !== "activation") throw at.fail(`needs input ${index} to be computed at run time`);
  return input;
}

function constantInput(at: Conversion, index: number, what: string): Constant {
  const input = at.inputs[index];
  if (input?.kind !== "constant") throw at.fail(`needs its ${what} (input ${index}) to be a constant`);
  return input;
}

const constants = (at: Conversion) => at.inputs.map((input) => (input?.kind === "constant" ? input : null));

/** Wraps a new graph value, whose dims follow from its shape. */
function made(at: Conversion, id: ValueId): Activation {
  const shape = at.graph.shape(id);
  const dims = shape.length === 3 ? [1, shape[2] as number, shape[0] as number, shape[1] as number] : [1, ...shape];
  return { kind: "activation", id, dims };
}

const floats = (data: Float32Array | Float64Array) => (data instanceof Float32Array ? data : Float32Array.from(data));

function vector(input: Constant): Tensor {
  return { shape: [input.data.length], data: floats(input.data) };
}

/** Our axis of an NCHW axis, or null for the batch. */
function axisOf(axis: number, rank: number): number | null {
  if (axis === 0) return null;
  if (rank === 4) return axis === 1 ? 2 : axis - 2;
  return axis - 1;
}

/** Per-axis numbers of an NCHW value in our order, without the batch. */
function reorder(values: readonly number[]): number[] {
  return values.length === 4 ? [values[2] as number, values[3] as number, values[1] as number] : values.slice(1);
}

function image(at: Conversion, input: Activation): Activation {
  if (input.dims.length !== 4) throw at.fail(`works on images [N, C, H, W], but its input has shape [${input.dims.join(", ")}]`);
  return input;
}

/** The sliding window of Conv and the pools, with auto_pad resolved for the input's size. */
function windowOf(at: Conversion, input: Activation, kernel: readonly number[]): Window {
  const { attributes } = at;
  if (kernel.length !== 2) throw at.fail(`has a ${kernel.length}-dimensional window; only images are supported`);
  const strides = attributes.ints("strides") ?? [1, 1];
  const dilations = attributes.ints("dilations") ?? [1, 1];
  const auto = attributes.string("auto_pad", "NOTSET");
  const given = attributes.ints("pads") ?? [0, 0, 0, 0];
  let pads: Pads = [given[0] as number, given[2] as number, given[1] as number, given[3] as number];
  if (auto === "VALID") pads = [0, 0, 0, 0];
  if (auto === "SAME_UPPER" || auto === "SAME_LOWER") {
    const both = [0, 1].map((axis) => {
      const size = input.dims[axis + 2] as number;
      const stride = strides[axis] as number;
      const reach = ((kernel[axis] as number) - 1) * (dilations[axis] as number) + 1;
      const total = Math.max(0, (Math.ceil(size / stride) - 1) * stride + reach - size);
      const less = Math.floor(total / 2);
      return auto === "SAME_UPPER" ? [less, total - less] : [total - less, less];
    }) as [[number, number], [number, number]];
    pads = [...both[0], ...both[1]];
  }
  const pair = (values: readonly number[]) => [values[0] as number, values[1] as number] as const;
  return { kernel: pair(kernel), strides: pair(strides), dilations: pair(dilations), pads };
}

/** Where a parameter stands in the file. */
function sourceOf(at: Conversion, index: number, axis: number): Pick<Tensor, "source"> {
  return { source: { name: at.operands[index] as string, axis } };
}

const conv: Converter = (at) => {
  const x = image(at, activation(at, 0));
  const w = constantInput(at, 1, "weight");
  if (w.dims.length !== 4) throw at.fail(`has a kernel of shape [${w.dims.join(", ")}]; only 2-d convolutions are supported`);
  const [k, c, kh, kw] = w.dims as [number, number, number, number];
  const groups = at.attributes.int("group", 1);
  const { strides, dilations, pads } = windowOf(at, x, [kh, kw]);
  const data = new Float32Array(w.data.length);
  for (let o = 0; o < k; o++)
    for (let i = 0; i < c; i++) for (let t = 0; t < kh * kw; t++) data[(t * c + i) * k + o] = w.data[(o * c + i) * kh * kw + t] as number;
  const bias = at.inputs[2] ? { ...vector(constantInput(at, 2, "bias")), ...sourceOf(at, 2, 0) } : null;
  const kernel = { shape: [kh, kw, c, k], data, ...sourceOf(at, 1, 0) };
  const operation = { op: "conv2d", strides, dilations, pads, groups, kernel, bias } as const;
  return made(at, at.graph.add(at.name, operation, [x.id]));
};

/** x [1, c] times a constant [c, k], whose k channels lie on `axis` in the file. */
function linear(at: Conversion, x: Activation, kernel: Constant, axis: number, bias: Tensor | null): Activation {
  if (x.dims.length !== 2) throw at.fail(`multiplies a value of shape [${x.dims.join(", ")}] by a matrix; flatten it first`);
  const operation = { op: "linear", kernel: { shape: kernel.dims, data: floats(kernel.data), ...sourceOf(at, 1, axis) }, bias } as const;
  return made(at, at.graph.add(at.name, operation, [x.id]));
}

function transposed(matrix: Constant): Constant {
  const [rows, columns] = matrix.dims as [number, number];
  const data = new Float32Array(matrix.data.length);
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) data[c * rows + r] = matrix.data[r * columns + c] as number;
  return { kind: "constant", dims: [columns, rows], data };
}

const gemm: Converter = (at) => {
  const { attributes } = at;
  if (attributes.int("transA", 0)) throw at.fail("transposes its activations, which is not supported");
  const b = constantInput(at, 1, "weight");
  const outputsFirst = attributes.int("transB", 0) !== 0;
  let kernel = outputsFirst ? transposed(b) : b;
  const alpha = attributes.float("alpha", 1);
  if (alpha !== 1) kernel = { ...kernel, data: Float32Array.from(kernel.data, (value) => value * alpha) };
  const beta = attributes.float("beta", 1);
  const outputs = kernel.dims[1] as number;
  let bias: Tensor | null = null;
  if (at.inputs[2]) {
    const c = constantInput(at, 2, "bias").data;
    bias = {
      shape: [outputs],
      data: Float32Array.from({ length: outputs }, (_, i) => (c[c.length === 1 ? 0 : i] as number) * beta),
      ...sourceOf(at, 2, 0),
    };
  }
  return linear(at, activation(at, 0), kernel, outputsFirst ? 0 : 1, bias);
};

const matMul: Converter = (at) => linear(at, activation(at, 0), constantInput(at, 1, "matrix"), 1, null);

function affine(at: Conversion, x: Activation, scale: Tensor, shift: Tensor, statistics?: Statistics): Activation {
  return made(at, at.graph.add(at.name, { op: "affine", scale, shift, ...(statistics ? { statistics } : {}) }, [x.id]));
}

const batchNormalization: Converter = (at) => {
  if (at.attributes.int("training_mode", 0)) throw at.fail("is in training mode; export the model with model.eval()");
  const [gamma, beta, mean, variance] = ["scale", "bias", "mean", "variance"].map((what, i) => constantInput(at, i + 1, what).data);
  const epsilon = at.attributes.float("epsilon", 1e-5);
  const channels = gamma?.length ?? 0;
  const scale = new Float32Array(channels);
  const shift = new Float32Array(channels);
  for (let i = 0; i < channels; i++) {
    // In float32 as PyTorch folds: one last bit can move a weight across a rounding tie.
    const deviation = Math.fround(Math.sqrt(Math.fround((variance?.[i] as number) + epsilon)));
    const factor = Math.fround((gamma?.[i] as number) / deviation);
    scale[i] = factor;
    shift[i] = (beta?.[i] as number) - (mean?.[i] as number) * factor;
  }
  const statistics = { mean: Float32Array.from(beta ?? []), deviation: Float32Array.from(gamma ?? [], Math.abs) };
  return affine(at, activation(at, 0), { shape: [channels], data: scale }, { shape: [channels], data: shift }, statistics);
};

/** One number a channel from a constant that broadcasts over an activation, or null. */
function perChannel(x: Activation, operand: Constant): Float32Array | null {
  const channels = x.dims[1] as number;
  if (operand.data.length === 1) return new Float32Array(channels).fill(operand.data[0] as number);
  const dims = [...Array<number>(Math.max(0, x.dims.length - operand.dims.length)).fill(1), ...operand.dims];
  const fits = dims.every((extent, axis) => extent === (axis === 1 ? channels : 1));
  return fits ? floats(operand.data) : null;
}

/** Add, Sub, Mul or Div of an activation and a constant that is one number a channel. */
function withConstant(at: Conversion, toAffine: (value: number, constantFirst: boolean) => [scale: number, shift: number]): Activation {
  const constantFirst = at.inputs[0]?.kind === "constant";
  const x = activation(at, constantFirst ? 1 : 0);
  const operand = constantInput(at, constantFirst ? 0 : 1, "operand");
  const values = perChannel(x, operand);
  if (!values)
    throw at.fail(
      `combines a value of shape [${x.dims.join(", ")}] with a constant of shape [${operand.dims.join(", ")}]; only one number a channel is supported`,
    );
  const pairs = Array.from(values, (value) => toAffine(value, constantFirst));
  const tensor = (index: 0 | 1): Tensor => ({ shape: [pairs.length], data: Float32Array.from(pairs, (pair) => pair[index]) });
  return affine(at, x, tensor(0), tensor(1));
}

const add: Converter = (at) => {
  if (at.inputs.some((input) => input?.kind === "constant")) return withConstant(at, (value) => [1, value]);
  const [a, b] = [activation(at, 0), activation(at, 1)];
  return made(at, at.graph.add(at.name, { op: "add" }, [a.id, b.id]));
};

function unsupportedBetweenActivations(at: Conversion): void {
  if (at.inputs.every((input) => input?.kind === "activation")) throw at.fail("combines two activations, which is not supported");
}

const clip: Converter = (at) => {
  const limit = (index: number, attribute: string, fallback: number) =>
    at.inputs[index] ? (constantInput(at, index, attribute).data[0] as number) : at.attributes.float(attribute, fallback);
  const low = limit(1, "min", Number.NEGATIVE_INFINITY);
  const high = limit(2, "max", Number.POSITIVE_INFINITY);
  return made(at, at.graph.add(at.name, { op: "clamp", low, high }, [activation(at, 0).id]));
};

function pooling(kind: "maxPool" | "averagePool"): Converter {
  return (at) => {
    const x = image(at, activation(at, 0));
    const kernel = at.attributes.ints("kernel_shape");
    if (!kernel) throw at.fail("has no kernel_shape");
    const window = windowOf(at, x, kernel);
    const ceil = at.attributes.int("ceil_mode", 0) === 1;
    const includePad = at.attributes.int("count_include_pad", 0) === 1;
    if (kind === "maxPool") return made(at, at.graph.add(at.name, { op: kind, ...window, ceil }, [x.id]));
    if (ceil && includePad) throw at.fail("rounds its size up and counts padding at once, which is not supported; export with ceil_mode=False");
    return made(at, at.graph.add(at.name, { op: kind, ...window, ceil, includePad }, [x.id]));
  };
}

function spaceMean(at: Conversion, keepDims: boolean): Activation {
  const x = image(at, activation(at, 0));
  return made(at, at.graph.add(at.name, { op: "globalAveragePool", keepDims }, [x.id]));
}

const reduceMean: Converter = (at) => {
  const x = activation(at, 0);
  const axes = (axesOf(constants(at), at) ?? []).map((axis) => normalizeAxis(axis, x.dims.length)).sort();
  if (axes.join() !== "2,3") throw at.fail(`averages over axes [${axes.join(", ")}]; only the mean over height and width is supported`);
  return spaceMean(at, at.attributes.int("keepdims", 1) === 1);
};

/** To [1, features] in NCHW order; nothing is moved where there is one position. */
function flattened(at: Conversion, x: Activation): Activation {
  if (x.dims.length === 2) return x;
  return made(at, at.graph.add(at.name, { op: "flatten", order: "chw" }, [x.id]));
}

function reshaped(at: Conversion, x: Activation, dims: readonly number[]): Activation {
  if (dims.join() === x.dims.join()) return x;
  if (dims.length === 2 && dims[0] === 1) return flattened(at, x);
  if (dims.length === 4 && x.dims.length === 2 && dims[1] === x.dims[1]) {
    throw at.fail("turns features back into an image, which is not supported");
  }
  throw at.fail(`reshapes [${x.dims.join(", ")}] to [${dims.join(", ")}]; only flattening is supported`);
}

const pad: Converter = (at) => {
  const x = activation(at, 0);
  if (at.attributes.string("mode", "constant") !== "constant") throw at.fail("pads by reflection or repetition; only constant padding is supported");
  const pads = at.inputs[1] ? Array.from(constantInput(at, 1, "pads").data) : at.attributes.ints("pads");
  if (!pads) throw at.fail("has no pads");
  const value = at.inputs[2] ? (constantInput(at, 2, "value").data[0] as number) : at.attributes.float("value", 0);
  const rank = x.dims.length;
  const axes = at.inputs[3] ? Array.from(constantInput(at, 3, "axes").data) : x.dims.map((_, axis) => axis);
  const before = Array<number>(rank).fill(0);
  const after = Array<number>(rank).fill(0);
  axes.forEach((axis, i) => {
    before[normalizeAxis(axis, rank)] = pads[i] as number;
    after[normalizeAxis(axis, rank)] = pads[i + axes.length] as number;
  });
  if (before[0] || after[0]) throw at.fail("pads the batch, which is not supported");
  return made(at, at.graph.add(at.name, { op: "pad", before: reorder(before), after: reorder(after), value }, [x.id]));
};

const slice: Converter = (at) => {
  const x = activation(at, 0);
  const { starts, ends, axes, steps } = sliceArguments(constants(at), at);
  const { start, size, step } = sliceRanges(x.dims, starts, ends, axes, steps);
  if (size[0] !== 1) throw at.fail("slices the batch, which is not supported");
  if (step.some((by) => by < 1)) throw at.fail("slices backwards, which is not supported");
  return made(at, at.graph.add(at.name, { op: "slice", start: reorder(start), size: reorder(size), step: reorder(step) }, [x.id]));
};

const concat: Converter = (at) => {
  const parts = at.inputs.map((_, index) => activation(at, index));
  const rank = parts[0]?.dims.length ?? 0;
  const axis = normalizeAxis(at.attributes.int("axis", 1), rank);
  if (axisOf(axis, rank) !== (rank === 4 ? 2 : 0)) throw at.fail(`joins values along axis ${axis}; only channels (axis 1) are supported`);
  return made(
    at,
    at.graph.add(
      at.name,
      { op: "concat" },
      parts.map((part) => part.id),
    ),
  );
};

const softmax: Converter = (at) => {
  const x = activation(at, 0);
  const axis = normalizeAxis(at.attributes.int("axis", at.opset < 13 ? 1 : -1), x.dims.length);
  if (axis !== 1) throw at.fail(`normalizes along axis ${axis}; only channels (axis 1) are supported`);
  return made(at, at.graph.add(at.name, { op: "softmax" }, [x.id]));
};

const squeeze: Converter = (at) => {
  const x = activation(at, 0);
  const axes = axesOf(constants(at), at)?.map((axis) => normalizeAxis(axis, x.dims.length));
  const dims = x.dims.filter((extent, axis) => axis === 0 || (axes ? !axes.includes(axis) : extent !== 1));
  return reshaped(at, x, dims);
};

export const CONVERTERS: Readonly<Record<string, Converter>> = {
  Conv: conv,
  Gemm: gemm,
  MatMul: matMul,
  BatchNormalization: batchNormalization,
  Relu: (at) => made(at, at.graph.add(at.name, { op: "clamp", low: 0, high: Number.POSITIVE_INFINITY }, [activation(at, 0).id])),
  Clip: clip,
  Add: add,
  Sub: (at) => {
    unsupportedBetweenActivations(at);
    return withConstant(at, (value, constantFirst) => (constantFirst ? [-1, value] : [1, -value]));
  },
  Mul: (at) => {
    unsupportedBetweenActivations(at);
    return withConstant(at, (value) => [value, 0]);
  },
  Div: (at) => {
    unsupportedBetweenActivations(at);
    if (at.inputs[0]?.kind === "constant") throw at.fail("divides by an activation, which is not supported");
    return withConstant(at, (value) => [1 / value, 0]);
  },
  Concat: concat,
  MaxPool: pooling("maxPool"),
  AveragePool: pooling("averagePool"),
  GlobalAveragePool: (at) => spaceMean(at, true),
  ReduceMean: reduceMean,
  Flatten: (at) => {
    const x = activation(at, 0);
    if (normalizeAxis(at.attributes.int("axis", 1), x.dims.length) !== 1) throw at.fail("flattens the batch too, which is not supported");
    return flattened(at, x);
  },
  Reshape: (at) => {
    const x = activation(at, 0);
    const target = at.inputs[1] ? Array.from(constantInput(at, 1, "shape").data) : at.attributes.ints("shape");
    if (!target) throw at.fail("has no target shape");
    return reshaped(at, x, reshapeTarget(x.dims, target));
  },
  Squeeze: squeeze,
  Pad: pad,
  Slice: slice,
  Softmax: softmax,
  Identity: (at) => activation(at, 0),
  Dropout: (at) => activation(at, 0),
  Cast: (at) => activation(at, 0),
};
