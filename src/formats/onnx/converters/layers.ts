/** Convolutions, matrix products with a constant and batch normalization: what carries weights. */
import type { Pads, Statistics, Tensor, Window } from "../../../graph/types";
import {
  type Activation,
  activation,
  axisLast,
  type Conversion,
  type Converter,
  channelsLast,
  constantInput,
  fileOrder,
  floats,
  image,
  inOrder,
  made,
  sourceOf,
  usualOrder,
} from "../conversion";
import type { Constant } from "../tensors";
import { hwio, turned } from "./layout";

export function vector(input: Constant): Tensor {
  return { shape: [input.data.length], data: floats(input.data) };
}

/** The sliding window of Conv and the pools, with auto_pad resolved for the input's size. */
export function windowOf(at: Conversion, input: Activation, kernel: readonly number[]): Window {
  const { attributes } = at;
  if (kernel.length !== 2) throw at.fail(`has a ${kernel.length}-dimensional window; only images are supported`);
  const strides = attributes.ints("strides") ?? [1, 1];
  const dilations = attributes.ints("dilations") ?? [1, 1];
  const auto = attributes.string("auto_pad", "NOTSET");
  const given = attributes.ints("pads") ?? [0, 0, 0, 0];
  if ([...strides, ...dilations].some((value) => !(value >= 1))) throw at.fail(`has strides [${strides}] and dilations [${dilations}]`);
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
  return { kernel: pair(kernel), strides: pair(strides), dilations: pair(dilations), pads };
}

const pair = (values: readonly number[]) => [values[0] as number, values[1] as number] as const;

/** A convolution of one dimension as one of two, over images of one row. */
function overRows(at: Conversion, convert: (at: Conversion, x: Activation) => Activation): Activation {
  const x = axisLast(at, activation(at, 0), 1);
  const [, c, length] = x.dims as [number, number, number];
  const row = { ...x, dims: [1, c, 1, length], order: usualOrder(4) };
  const id = at.graph.add(`${at.name}/rows`, { op: "reshape", shape: [1, length, c] }, [x.id]);
  const attributes = at.attributes.withSecondAxis();
  const y = convert({ ...at, attributes }, { ...row, id });
  const [, k, , width] = y.dims as [number, number, number, number];
  const made = at.graph.add(`${at.name}/line`, { op: "reshape", shape: [width, k] }, [y.id]);
  return { kind: "activation", id: made, dims: [1, k, width], order: [2, 1] };
}

function kernelOf(at: Conversion): Constant {
  const w = constantInput(at, 1, "weight");
  if (w.dims.length === 3) return { ...w, dims: [w.dims[0] as number, w.dims[1] as number, 1, w.dims[2] as number] };
  if (w.dims.length !== 4) throw at.fail(`has a kernel of shape [${w.dims.join(", ")}]; only 1-d and 2-d convolutions are supported`);
  return w;
}

function convolution(at: Conversion, input: Activation): Activation {
  const x = image(at, input);
  const w = kernelOf(at);
  const [k, c, kh, kw] = w.dims as [number, number, number, number];
  const groups = at.attributes.int("group", 1);
  const { strides, dilations, pads } = windowOf(at, x, [kh, kw]);
  const data = hwio(w.data, k, c, kh * kw);
  const bias = at.inputs[2] ? { ...vector(constantInput(at, 2, "bias")), ...sourceOf(at, 2, 0) } : null;
  const kernel = { shape: [kh, kw, c, k], data, ...sourceOf(at, 1, 0) };
  return made(at, { op: "conv2d", strides, dilations, pads, groups, kernel, bias }, [x]);
}

/** A transposed convolution: zeros between the pixels, then a convolution with the kernel turned round. */
function transposedConvolution(at: Conversion, input: Activation): Activation {
  const x = image(at, input);
  const w = kernelOf(at);
  const { attributes } = at;
  const [c, each, kh, kw] = w.dims as [number, number, number, number];
  const groups = attributes.int("group", 1);
  const strides = pair(attributes.ints("strides") ?? [1, 1]);
  const dilations = pair(attributes.ints("dilations") ?? [1, 1]);
  const extra = attributes.ints("output_padding") ?? [0, 0];
  const kernel = [kh, kw] as const;
  const reach = (axis: 0 | 1) => (kernel[axis] - 1) * dilations[axis] + 1;
  const [rows, columns] = ([0, 1] as const).map((axis) => {
    const size = x.dims[axis + 2] as number;
    const full = strides[axis] * (size - 1) + reach(axis) + (extra[axis] as number);
    const auto = attributes.string("auto_pad", "NOTSET");
    const wanted = attributes.ints("output_shape")?.at(axis - 2) ?? (auto.startsWith("SAME") ? size * strides[axis] : null);
    const given = attributes.ints("pads") ?? [0, 0, 0, 0];
    const total = wanted === null ? 0 : full - wanted;
    const less = Math.floor(total / 2);
    const [before, after] =
      wanted === null ? [given[axis] as number, given[axis + 2] as number] : auto === "SAME_UPPER" ? [less, total - less] : [total - less, less];
    return [reach(axis) - 1 - before, reach(axis) - 1 - after + (extra[axis] as number)] as const;
  }) as [readonly [number, number], readonly [number, number]];
  const k = each * groups;
  const depth = c / groups;
  const data = new Float32Array(w.data.length);
  for (let i = 0; i < c; i++)
    for (let o = 0; o < each; o++)
      for (let t = 0; t < kh * kw; t++) {
        const group = Math.floor(i / depth);
        data[((kh * kw - 1 - t) * depth + (i % depth)) * k + group * each + o] = w.data[(i * each + o) * kh * kw + t] as number;
      }
  const bias = at.inputs[2] ? { ...vector(constantInput(at, 2, "bias")), ...sourceOf(at, 2, 0) } : null;
  const spread = strides[0] * strides[1] === 1 ? x : made(at, { op: "dilate", strides }, [x], undefined, "dilate");
  // Padding of the transposed convolution crops; beyond the kernel's reach it crops the spread image itself.
  const pads: Pads = [rows[0], rows[1], columns[0], columns[1]];
  const cropped = pads.some((pad) => pad < 0)
    ? made(
        at,
        {
          op: "pad",
          before: [Math.min(0, pads[0]), Math.min(0, pads[2]), 0],
          after: [Math.min(0, pads[1]), Math.min(0, pads[3]), 0],
          value: 0,
        },
        [spread],
        undefined,
        "crop",
      )
    : spread;
  const positive = pads.map((pad) => Math.max(0, pad)) as unknown as Pads;
  // In groups the file has the channels of one group on an axis, not all.
  const turned = { shape: [kh, kw, depth, k], data, ...(groups === 1 ? sourceOf(at, 1, 1) : {}) };
  const operation = { op: "conv2d", strides: [1, 1], dilations, pads: positive, groups, kernel: turned, bias } as const;
  return made(at, operation, [cropped]);
}

/** x times a constant matrix [c, k], over the last of the file's axes; `axis` is where the file's matrix has its k channels. */
function linear(at: Conversion, input: Activation, kernel: Constant, axis: number, bias: Tensor | null): Activation {
  const rank = input.dims.length;
  if (rank < 2) throw at.fail(`multiplies a value of shape [${input.dims.join(", ")}] by a matrix`);
  const [c, k] = kernel.dims as [number, number];
  // Over images it is a convolution of 1x1, whatever the axes stand for.
  const x = axisLast(at, input, rank - 1);
  const data = floats(kernel.data);
  const source = sourceOf(at, 1, axis);
  if (rank === 4) {
    const window = { strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0], groups: 1 } as const;
    return made(at, { op: "conv2d", ...window, kernel: { shape: [1, 1, c, k], data, ...source }, bias }, [x], x.order);
  }
  return made(at, { op: "linear", kernel: { shape: kernel.dims, data, ...source }, bias }, [x], x.order);
}

const gemm: Converter = (at) => {
  const { attributes } = at;
  if (attributes.int("transA", 0)) throw at.fail("transposes its activations, which is not supported");
  const b = constantInput(at, 1, "weight");
  if (b.dims.length !== 2) throw at.fail(`multiplies by a constant of shape [${b.dims.join(", ")}]; expected a matrix`);
  const [rows, columns] = b.dims as [number, number];
  const outputsFirst = attributes.int("transB", 0) !== 0;
  const alpha = attributes.float("alpha", 1);
  const kernel: Constant = outputsFirst
    ? { kind: "constant", dims: [columns, rows], data: turned(b.data, rows, columns, alpha) }
    : { ...b, data: alpha === 1 ? b.data : Float32Array.from(b.data, (value) => value * alpha) };
  const beta = attributes.float("beta", 1);
  const outputs = kernel.dims[1] as number;
  let bias: Tensor | null = null;
  if (at.inputs[2]) {
    const { dims, data: c } = constantInput(at, 2, "bias");
    if (dims.length > 1 && dims.slice(0, -1).some((extent) => extent > 1) && c.length !== 1)
      throw at.fail(`adds a constant of shape [${dims.join(", ")}], another one to each image, which is not supported`);
    if (c.length !== 1 && c.length !== outputs) throw at.fail(`has a bias of ${c.length} numbers for ${outputs} outputs`);
    const data = Float32Array.from({ length: outputs }, (_, i) => (c[c.length === 1 ? 0 : i] as number) * beta);
    bias = { shape: [outputs], data, ...sourceOf(at, 2, 0) };
  }
  return linear(at, activation(at, 0), kernel, outputsFirst ? 0 : 1, bias);
};

const matMul: Converter = (at) => {
  const second = at.inputs[1];
  const x = activation(at, 0);
  if (second?.kind === "constant") {
    if (second.dims.length !== 2) throw at.fail(`multiplies by a constant of shape [${second.dims.join(", ")}]; only matrices are supported`);
    return linear(at, x, second, 1, null);
  }
  const other = activation(at, 1);
  if (x.dims.length !== other.dims.length || x.dims.length < 3)
    throw at.fail(`multiplies values of shapes [${x.dims.join(", ")}] and [${other.dims.join(", ")}]; only matrices of each image are supported`);
  const order = fileOrder(x.dims.length);
  return made(at, { op: "matMul" }, [inOrder(at, x, order), inOrder(at, other, order)], order);
};

export function affine(at: Conversion, x: Activation, scale: Tensor, shift: Tensor, statistics?: Statistics, part?: string): Activation {
  return made(at, { op: "affine", scale, shift, ...(statistics ? { statistics } : {}) }, [x], x.order, part);
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
  const x = channelsLast(at, activation(at, 0));
  return affine(at, x, { shape: [channels], data: scale }, { shape: [channels], data: shift }, statistics);
};

const dimensional =
  (convert: (at: Conversion, x: Activation) => Activation): Converter =>
  (at) => {
    const x = activation(at, 0);
    return x.dims.length === 3 ? overRows(at, convert) : convert(at, x);
  };

export const LAYERS: Readonly<Record<string, Converter>> = {
  Conv: dimensional(convolution),
  ConvTranspose: dimensional(transposedConvolution),
  Gemm: gemm,
  MatMul: matMul,
  BatchNormalization: batchNormalization,
};
