/** Convolutions, matrix products, pooling and normalization of a graph model, with the bias and the activation that a node may have taken in. */
import type { Pads, Tensor, ValueId } from "../../../graph/types";
import { activate } from "../activations";
import { add, convolve, convolveTransposed, depthwiseKernel, normalize, type Padding, type Pair, prelu, transpose, vector, windowOf } from "../build";
import { activation, type Conversion, type Converter, constant, floats, made, tensorOf, wholes } from "./values";

function pair(at: Conversion, name: string): Pair {
  const values = at.node.attributes.ints(name) ?? [1, 1, 1, 1];
  if (values.length !== 4 || values[0] !== 1 || values[3] !== 1) throw at.fail(`has ${name} [${values.join(", ")}]; expected [1, height, width, 1]`);
  return [values[1] as number, values[2] as number];
}

function checkLayout(at: Conversion): void {
  const format = at.node.attributes.string("data_format", "NHWC");
  if (format !== "NHWC") throw at.fail(`keeps its images as ${format}; only NHWC is supported`);
}

function paddingOf(at: Conversion): Padding {
  const { attributes } = at.node;
  checkLayout(at);
  const padding = attributes.string("padding", "VALID");
  if (padding === "SAME") return "same";
  if (padding === "VALID") return "valid";
  const pads = attributes.ints("explicit_paddings");
  if (padding !== "EXPLICIT" || pads?.length !== 8) throw at.fail(`has padding "${padding}"; expected SAME, VALID or EXPLICIT with its extents`);
  return pads.slice(2, 6) as unknown as Pads;
}

/** A kernel of four axes. */
function kernelOf(at: Conversion, index: number): Tensor {
  const kernel = tensorOf(constant(at, index, "kernel"));
  if (kernel.shape.length !== 4) throw at.fail(`has a kernel of shape [${kernel.shape.join(", ")}]; only 2-d convolutions are supported`);
  return kernel;
}

/** What a node does after its product: a bias (in the layer), then perhaps an activation. */
interface Fused {
  readonly bias: Tensor | null;
  then(x: ValueId): ValueId;
}

function fusedOf(at: Conversion): Fused {
  const ops = at.node.attributes.strings("fused_ops");
  const hasBias = ops[0] === "BiasAdd";
  const rest = hasBias ? ops.slice(1) : ops;
  if (rest.length > 1) throw at.fail(`takes in ${ops.join(", ")}; at most a bias and one activation function are supported`);
  const bias = hasBias ? vector(floats(constant(at, 2, "bias"))) : null;
  const [name] = rest;
  const then = (x: ValueId): ValueId => {
    if (name === undefined) return x;
    if (name === "Prelu") return prelu(at, x, slopeOf(at, hasBias ? 3 : 2), name);
    if (name === "LeakyRelu") return leakyRelu(at, x, at.node.attributes.float("leakyrelu_alpha", 0.2), name);
    return activate(at, x, name, name);
  };
  return { bias, then };
}

/** Slopes of a PReLU, without the batch. */
export function slopeOf(at: Conversion, index: number): Tensor {
  const { shape, data } = tensorOf(constant(at, index, "slopes"));
  return { shape: shape.length === 4 && shape[0] === 1 ? shape.slice(1) : shape, data };
}

export function leakyRelu(at: Conversion, x: ValueId, alpha: number, suffix = ""): ValueId {
  return add(at, { op: "unary", fn: "leakyRelu", alpha }, [x], suffix);
}

/** Conv2D and its depthwise form, alone or with what they take in. `around` are the dilations and padding of a space-to-batch pair. */
export function convolution(at: Conversion, x: ValueId, around: { dilations: Pair; pads: Pads } | null = null): ValueId {
  const depthwise = /Depthwise/.test(at.node.op);
  const kernel = kernelOf(at, 1);
  const { bias, then } = fusedOf(at);
  const [channels, depth] = [at.graph.shape(x).at(-1) as number, kernel.shape[2] as number];
  if (channels % depth !== 0 || (depthwise && channels !== depth)) throw at.fail(`has a kernel for ${depth} channels, but its input has ${channels}`);
  const groups = channels / depth;
  return then(
    convolve(at, x, {
      kernel: depthwise ? depthwiseKernel(kernel) : kernel,
      bias,
      groups: depthwise ? depth : groups,
      strides: pair(at, "strides"),
      dilations: around?.dilations ?? pair(at, "dilations"),
      padding: around?.pads ?? paddingOf(at),
    }),
  );
}

const conv: Converter = (at) => made(at, convolution(at, activation(at, 0).id));

const convTransposed: Converter = (at) => {
  const sizes = wholes(at, 0, "output shape");
  if (sizes.length !== 4 || pair(at, "dilations").some((extent) => extent !== 1)) throw at.fail("is no plain transposed convolution of images");
  const options = { kernel: kernelOf(at, 1), bias: null, groups: 1, strides: pair(at, "strides"), padding: paddingOf(at) };
  return made(at, convolveTransposed(at, activation(at, 2).id, { ...options, size: [sizes[1] as number, sizes[2] as number] }));
};

const matMul: Converter = (at) => {
  const { attributes, op } = at.node;
  const [first, second] = op.startsWith("Batch") ? ["adj_x", "adj_y"] : ["transpose_a", "transpose_b"];
  const x = activation(at, 0);
  const other = at.inputs[1];
  if (other?.kind === "constant") {
    if (attributes.bool(first as string))
      throw at.fail("turns its activations around before the product, which is not supported with a constant matrix");
    const matrix = tensorOf(other);
    let { shape } = matrix;
    while (shape.length > 2 && shape[0] === 1) shape = shape.slice(1);
    if (shape.length !== 2) throw at.fail(`multiplies by a constant of shape [${other.dims.join(", ")}]; only one matrix is supported`);
    const kernel = attributes.bool(second as string) ? turned({ shape, data: matrix.data }) : { shape, data: matrix.data };
    const { bias, then } = fusedOf(at);
    return made(at, then(add(at, { op: "linear", kernel, bias }, [x.id])), x.batched);
  }
  const y = activation(at, 1);
  const whole = x.batched && y.batched && x.dims.length > 2;
  if (!whole) throw at.fail("multiplies two values along the batch, so that images would depend on one another");
  const lastTwo = (value: ValueId, suffix: string) => {
    const axes = [...at.graph.shape(value).keys()];
    return transpose(at, value, [...axes.slice(0, -2), axes.at(-1) as number, axes.at(-2) as number], suffix);
  };
  const [a, b] = [attributes.bool(first as string) ? lastTwo(x.id, "a") : x.id, attributes.bool(second as string) ? lastTwo(y.id, "b") : y.id];
  return made(at, add(at, { op: "matMul" }, [a, b]));
};

function turned({ shape, data }: Tensor): Tensor {
  const [rows, columns] = shape as [number, number];
  const out = new Float32Array(data.length);
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) out[c * rows + r] = data[r * columns + c] as number;
  return { shape: [columns, rows], data: out };
}

const batchNorm: Converter = (at) => {
  if (at.node.attributes.bool("is_training")) throw at.fail("is in training mode; save the model for inference");
  checkLayout(at);
  const [gamma, beta, mean, variance] = ["scale", "offset", "mean", "variance"].map((what, i) => floats(constant(at, i + 1, what))) as [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  return made(at, normalize(at, activation(at, 0).id, { gamma, beta, mean, variance, epsilon: at.node.attributes.float("epsilon", 1e-3) }));
};

function pooling(kind: "maxPool" | "averagePool"): Converter {
  return (at) => {
    const x = activation(at, 0).id;
    const window = windowOf(at, x, pair(at, "ksize"), { strides: pair(at, "strides"), padding: paddingOf(at) });
    return made(
      at,
      add(at, kind === "maxPool" ? { op: kind, ...window, ceil: false } : { op: kind, ...window, ceil: false, includePad: false }, [x]),
    );
  };
}

export const CONVOLUTIONS: Readonly<Record<string, Converter>> = {
  Conv2D: conv,
  _FusedConv2D: conv,
  DepthwiseConv2dNative: conv,
  FusedDepthwiseConv2dNative: conv,
  Conv2DBackpropInput: convTransposed,
  MatMul: matMul,
  _FusedMatMul: matMul,
  BatchMatMul: matMul,
  BatchMatMulV2: matMul,
  FusedBatchNorm: batchNorm,
  FusedBatchNormV2: batchNorm,
  FusedBatchNormV3: batchNorm,
  MaxPool: pooling("maxPool"),
  AvgPool: pooling("averagePool"),
};
