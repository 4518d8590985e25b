/** The converters: one Keras layer each, from its configuration and weights as TensorFlow.js has deserialized them. */
import type { Tensor, ValueId } from "../../../graph/types";
import { sizeOf } from "../../../graph/types";
import { activate } from "../activations";
import {
  type At,
  add,
  convolve,
  convolveTransposed,
  depthwiseKernel,
  image,
  maximum,
  normalize,
  type Pair,
  prelu,
  reshape,
  resize,
  scalar,
  scaleAndShift,
  transpose,
  vector,
  windowOf,
} from "../build";
import { deviationOf, TRAINING_ONLY } from "./more-layers";

export interface LayerAt extends At {
  /** As the layer's getConfig gives it. */
  readonly config: Readonly<Record<string, unknown>>;
  /** In the order of the layer's getWeights. */
  readonly weights: readonly Tensor[];
  readonly inputs: readonly ValueId[];
}

export type LayerConverter = (at: LayerAt) => ValueId;

function only(at: LayerAt): ValueId {
  const [x] = at.inputs;
  if (x === undefined || at.inputs.length > 1) throw at.fail(`takes ${at.inputs.length} inputs; expected one`);
  return x;
}

function weight(at: LayerAt, index: number, what: string): Tensor {
  const found = at.weights[index];
  if (!found) throw at.fail(`has no ${what}`);
  return found;
}

function pair(at: LayerAt, field: string, fallback = 1): Pair {
  const value = at.config[field] ?? fallback;
  const [first, second] = Array.isArray(value) ? value : [value, value];
  return [Number(first), Number(second)];
}

function padding(at: LayerAt): "same" | "valid" {
  const { padding } = at.config;
  if (padding !== "same" && padding !== "valid") throw at.fail(`has padding "${String(padding)}"; expected same or valid`);
  return padding;
}

/** The bias, which comes after `kernels` kernels. */
function biasOf(at: LayerAt, kernels: number): Tensor | null {
  return at.config.useBias === false ? null : vector(weight(at, kernels, "bias").data);
}

function activated(at: LayerAt, x: ValueId): ValueId {
  const { activation } = at.config;
  return typeof activation === "string" && activation !== "linear" ? activate(at, x, activation, activation) : x;
}

const windowed = (at: LayerAt) => ({ strides: pair(at, "strides"), dilations: pair(at, "dilationRate"), padding: padding(at) });

const conv: LayerConverter = (at) => {
  const kernel = weight(at, 0, "kernel");
  return activated(at, convolve(at, only(at), { ...windowed(at), kernel, bias: biasOf(at, 1), groups: 1 }));
};

const depthwiseConv: LayerConverter = (at) => {
  const kernel = weight(at, 0, "kernel");
  return activated(
    at,
    convolve(at, only(at), { ...windowed(at), kernel: depthwiseKernel(kernel), bias: biasOf(at, 1), groups: kernel.shape[2] as number }),
  );
};

const separableConv: LayerConverter = (at) => {
  const [deep, point] = [weight(at, 0, "depthwise kernel"), weight(at, 1, "pointwise kernel")];
  const own: At = { ...at, name: `${at.name}/depthwise` };
  const depthwise = convolve(own, only(at), { ...windowed(at), kernel: depthwiseKernel(deep), bias: null, groups: deep.shape[2] as number });
  return activated(at, convolve(at, depthwise, { strides: [1, 1], padding: "valid", kernel: point, bias: biasOf(at, 2), groups: 1 }));
};

const transposedConv: LayerConverter = (at) => {
  const x = only(at);
  const [h, w] = image(at, x);
  const kernel = weight(at, 0, "kernel");
  const options = windowed(at);
  if (options.dilations.some((extent) => extent !== 1)) throw at.fail("is a dilated transposed convolution, which is not supported");
  const size = [h, w].map((extent, axis) => {
    const [stride, reach] = [options.strides[axis] as number, kernel.shape[axis] as number];
    return options.padding === "same" ? extent * stride : extent * stride + Math.max(reach - stride, 0);
  }) as unknown as Pair;
  return activated(at, convolveTransposed(at, x, { ...options, kernel, bias: biasOf(at, 1), groups: 1, size }));
};

const dense: LayerConverter = (at) => activated(at, add(at, { op: "linear", kernel: weight(at, 0, "kernel"), bias: biasOf(at, 1) }, [only(at)]));

function lastAxis(at: LayerAt, axes: readonly unknown[], rank: number, what: string): void {
  if (axes.length !== 1 || (axes[0] !== -1 && axes[0] !== rank))
    throw at.fail(`${what} along axes [${axes.join(", ")}]; only the channels are supported`);
}

const batchNorm: LayerConverter = (at) => {
  const x = only(at);
  const { axis, epsilon, scale, center } = at.config;
  lastAxis(at, [axis].flat(), at.graph.shape(x).length, "normalizes");
  const data = at.weights.map((tensor) => tensor.data);
  const gamma = scale === false ? null : (data.shift() ?? null);
  const beta = center === false ? null : (data.shift() ?? null);
  const [mean, variance] = data;
  if (!mean || !variance) throw at.fail("has no mean and variance");
  return normalize(at, x, { gamma, beta, mean, variance, epsilon: Number(epsilon) });
};

const layerNorm: LayerConverter = (at) => {
  const x = only(at);
  const rank = at.graph.shape(x).length;
  const axes = [at.config.axis]
    .flat()
    .map((axis) => (Number(axis) < 0 ? Number(axis) + rank : Number(axis) - 1))
    .sort((p, q) => p - q);
  if (axes.some((axis, i) => axis !== rank - axes.length + i))
    throw at.fail(`normalizes along axes [${axes.join(", ")}]; only the last axes together are supported`);
  const scale = at.config.scale === false ? null : weight(at, 0, "gamma");
  const shift = at.config.center === false ? null : weight(at, scale ? 1 : 0, "beta");
  return add(at, { op: "layerNorm", axes: axes.length, epsilon: Number(at.config.epsilon), scale, shift }, [x]);
};

const normalization: LayerConverter = (at) => {
  const x = only(at);
  const { axis, mean, variance, invert } = at.config;
  if (invert) throw at.fail("undoes a normalization (invert), which is not supported");
  const channels = at.graph.shape(x).at(-1) as number;
  if (axis != null) lastAxis(at, [axis].flat(), at.graph.shape(x).length, "normalizes");
  const numbers = (given: unknown, index: number) => {
    const found = given == null ? Array.from(weight(at, index, "mean and variance").data) : [given].flat(Number.POSITIVE_INFINITY).map(Number);
    return found.length === 1 ? Array<number>(channels).fill(found[0] as number) : found;
  };
  const [means, variances] = [numbers(mean, 0), numbers(variance, 1)];
  if (means.length !== channels || variances.length !== channels) throw at.fail(`normalizes ${means.length} channels of ${channels}`);
  const scale = Float32Array.from(variances, (value) => 1 / deviationOf(value));
  const shift = scale.map((factor, i) => -factor * (means[i] as number));
  return scaleAndShift(at, x, vector(scale), vector(shift));
};

const rescaling: LayerConverter = (at) => {
  const constant = (value: unknown) => ({ shape: [[value].flat().length], data: Float32Array.from([value].flat(), Number) });
  return scaleAndShift(at, only(at), constant(at.config.scale), constant(at.config.offset ?? 0));
};

function pooling(kind: "maxPool" | "averagePool"): LayerConverter {
  return (at) => {
    const x = only(at);
    const size = pair(at, "poolSize", 2);
    const window = windowOf(at, x, size, { strides: at.config.strides == null ? size : pair(at, "strides"), padding: padding(at) });
    return add(at, kind === "maxPool" ? { op: kind, ...window, ceil: false } : { op: kind, ...window, ceil: false, includePad: false }, [x]);
  };
}

/** Rows and columns that are added, or cut off where `sign` is -1. */
function bordered(field: string, sign: 1 | -1): LayerConverter {
  return (at) => {
    const [rows, columns] = at.config[field] as [Pair, Pair];
    const x = only(at);
    image(at, x);
    const side = (i: 0 | 1) => [sign * rows[i], sign * columns[i], 0];
    return add(at, { op: "pad", before: side(0), after: side(1), value: 0 }, [x]);
  };
}

/** All inputs joined two by two. */
function merged(join: (at: LayerAt, a: ValueId, b: ValueId, suffix: string) => ValueId): LayerConverter {
  return (at) => {
    const [first, ...others] = at.inputs as [ValueId, ...ValueId[]];
    return others.reduce((total, other, i) => join(at, total, other, i === others.length - 1 ? "" : `${i}`), first);
  };
}

const sum = merged((at, a, b, suffix) => add(at, { op: "add" }, [a, b], suffix));

const concatenate: LayerConverter = (at) => {
  const rank = at.graph.shape(at.inputs[0] as ValueId).length;
  const axis = Number(at.config.axis ?? -1);
  if (axis === 0) throw at.fail("joins along the batch, which is not supported");
  return add(at, { op: "concat", axis: axis < 0 ? axis + rank : axis - 1 }, at.inputs);
};

const reLU: LayerConverter = (at) => {
  const { maxValue } = at.config;
  return add(at, { op: "clamp", low: 0, high: maxValue == null ? Number.POSITIVE_INFINITY : Number(maxValue) }, [only(at)]);
};

const reshaped: LayerConverter = (at) => {
  const x = only(at);
  const target = (at.config.targetShape as readonly (number | null)[]).map((extent) => (extent == null || extent < 0 ? null : extent));
  const known = target.reduce<number>((product, extent) => product * (extent ?? 1), 1);
  return reshape(
    at,
    x,
    target.map((extent) => extent ?? sizeOf(at.graph.shape(x)) / known),
  );
};

const upSampling: LayerConverter = (at) => {
  const x = only(at);
  const [h, w] = image(at, x);
  const [rows, columns] = pair(at, "size", 2);
  const mode = at.config.interpolation === "bilinear" ? "linear" : "nearest";
  // TensorFlow.js interpolates from the corner of a pixel, where Keras in Python does from its centre: the file is read as TensorFlow.js runs it.
  return resize(at, x, [h * rows, w * columns], { mode, alignCorners: false, halfPixels: false });
};

const resizing: LayerConverter = (at) => {
  const { height, width, interpolation, cropToAspectRatio } = at.config;
  const mode = interpolation === "nearest" ? "nearest" : "linear";
  return resize(at, only(at), [Number(height), Number(width)], { mode, alignCorners: !cropToAspectRatio, halfPixels: false });
};

const same: LayerConverter = (at) => only(at);

export const LAYERS: Readonly<Record<string, LayerConverter>> = {
  Conv2D: conv,
  DepthwiseConv2D: depthwiseConv,
  SeparableConv2D: separableConv,
  Conv2DTranspose: transposedConv,
  Dense: dense,
  BatchNormalization: batchNorm,
  LayerNormalization: layerNorm,
  Activation: (at) => activate(at, only(at), String(at.config.activation)),
  ReLU: reLU,
  LeakyReLU: (at) => add(at, { op: "unary", fn: "leakyRelu", alpha: Number(at.config.alpha) }, [only(at)]),
  ELU: (at) => add(at, { op: "unary", fn: "elu", alpha: Number(at.config.alpha) }, [only(at)]),
  PReLU: (at) => prelu(at, only(at), weight(at, 0, "alpha")),
  Softmax: (at) => {
    lastAxis(at, [at.config.axis].flat(), at.graph.shape(only(at)).length, "normalizes");
    return activate(at, only(at), "softmax");
  },
  MaxPooling2D: pooling("maxPool"),
  AveragePooling2D: pooling("averagePool"),
  GlobalAveragePooling2D: (at) => add(at, { op: "globalAveragePool", keepDims: false }, [only(at)]),
  GlobalMaxPooling2D: (at) => {
    image(at, only(at));
    return add(at, { op: "reduce", kind: "max", axes: [0, 1], keepDims: false }, [only(at)]);
  },
  ZeroPadding2D: bordered("padding", 1),
  Cropping2D: bordered("cropping", -1),
  UpSampling2D: upSampling,
  Resizing: resizing,
  Flatten: (at) => reshape(at, only(at), [sizeOf(at.graph.shape(only(at)))]),
  Reshape: reshaped,
  Permute: (at) =>
    transpose(
      at,
      only(at),
      (at.config.dims as readonly number[]).map((axis) => axis - 1),
    ),
  Add: sum,
  Subtract: merged((at, a, b, suffix) => add(at, { op: "add" }, [a, scaleAndShift(at, b, scalar(-1), null, "negative")], suffix)),
  Multiply: merged((at, a, b, suffix) => add(at, { op: "mul" }, [a, b], suffix)),
  Average: (at) => scaleAndShift({ ...at, name: `${at.name}/mean` }, sum(at), scalar(1 / at.inputs.length), null),
  Maximum: merged(maximum),
  Concatenate: concatenate,
  Rescaling: rescaling,
  Normalization: normalization,
  ...Object.fromEntries(["Dropout", "GaussianNoise", "GaussianDropout", "AlphaDropout", ...TRAINING_ONLY].map((name) => [name, same])),
};
