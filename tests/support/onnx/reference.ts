/**
 * Computes an ONNX file as it stands: each node in turn, in float64, in the file's NCHW order, for a real batch, by the
 * loops of the standard's definitions. Nothing is folded, reordered or known before it runs, and nothing of the
 * product is used, so that its answers are a second opinion on reading, preparing and running at once.
 */
import type { FileAttribute, FileNode, OnnxFile } from "./file";
import { concat, countOf, elementwise, fromTensor, generate, map, pad, reshape, slice, transpose, type Value } from "./values";

type Inputs = readonly Value[];
type Compute = (inputs: Inputs, attributes: FileNode["attributes"]) => Value;

const ints = (attribute: FileAttribute | undefined): readonly number[] => attribute as readonly number[];
const float = (attribute: FileAttribute | undefined): number => (attribute as { float: number }).float;
const scalar = (value: Value): number => value.data[0] as number;

function conv([x, w, bias]: Inputs, attributes: FileNode["attributes"]): Value {
  const [{ dims, data }, kernel] = [x as Value, w as Value];
  const [n, c, h, width] = dims as [number, number, number, number];
  const [outputs, depth, kh, kw] = kernel.dims as [number, number, number, number];
  const [stride, pads, dilation] = [ints(attributes.strides), ints(attributes.pads), ints(attributes.dilations)];
  const groups = attributes.group as number;
  const extent = (size: number, k: number, axis: 0 | 1) =>
    Math.floor((size + (pads[axis] as number) + (pads[axis + 2] as number) - (dilation[axis] as number) * (k - 1) - 1) / (stride[axis] as number)) +
    1;
  return generate([n, outputs, extent(h, kh, 0), extent(width, kw, 1)], ([image, k, oy, ox]) => {
    const firstChannel = Math.floor((k as number) / (outputs / groups)) * depth;
    let sum = bias ? (bias.data[k as number] as number) : 0;
    for (let i = 0; i < depth; i++)
      for (let ky = 0; ky < kh; ky++) {
        const y = (oy as number) * (stride[0] as number) - (pads[0] as number) + ky * (dilation[0] as number);
        if (y < 0 || y >= h) continue;
        for (let kx = 0; kx < kw; kx++) {
          const at = (ox as number) * (stride[1] as number) - (pads[1] as number) + kx * (dilation[1] as number);
          if (at < 0 || at >= width) continue;
          const value = data[(((image as number) * c + firstChannel + i) * h + y) * width + at] as number;
          sum += value * (kernel.data[(((k as number) * depth + i) * kh + ky) * kw + kx] as number);
        }
      }
    return sum;
  });
}

function batchNormalization([x, scale, shift, mean, variance]: Inputs, attributes: FileNode["attributes"]): Value {
  const { dims, data } = x as Value;
  const plane = countOf(dims.slice(2));
  const of = (value: Value | undefined, channel: number) => value?.data[channel] as number;
  const normal = data.map((value, i) => {
    const channel = Math.floor(i / plane) % (dims[1] as number);
    const deviation = Math.sqrt(of(variance, channel) + float(attributes.epsilon));
    return ((value - of(mean, channel)) / deviation) * of(scale, channel) + of(shift, channel);
  });
  return { dims, data: normal };
}

/** What a pool makes of the values in its window, and of how many places it has with its padding. */
function pool(reduce: (values: readonly number[], places: number) => number): Compute {
  return ([x], attributes) => {
    const { dims, data } = x as Value;
    const [n, c, h, w] = dims as [number, number, number, number];
    const [[kh, kw], stride, pads] = [ints(attributes.kernel_shape) as [number, number], ints(attributes.strides), ints(attributes.pads)];
    const round = attributes.ceil_mode === 1 ? Math.ceil : Math.floor;
    const extent = (size: number, k: number, axis: 0 | 1) =>
      round((size + (pads[axis] as number) + (pads[axis + 2] as number) - k) / (stride[axis] as number)) + 1;
    return generate([n, c, extent(h, kh, 0), extent(w, kw, 1)], ([image, channel, oy, ox]) => {
      const values: number[] = [];
      for (let ky = 0; ky < kh; ky++)
        for (let kx = 0; kx < kw; kx++) {
          const y = (oy as number) * (stride[0] as number) - (pads[0] as number) + ky;
          const at = (ox as number) * (stride[1] as number) - (pads[1] as number) + kx;
          if (y >= 0 && y < h && at >= 0 && at < w) values.push(data[(((image as number) * c + (channel as number)) * h + y) * w + at] as number);
        }
      return reduce(values, kh * kw);
    });
  };
}

function spaceMean(x: Value, keep: boolean): Value {
  const [n, c] = x.dims as [number, number];
  const plane = countOf(x.dims.slice(2));
  return generate(keep ? [n, c, 1, 1] : [n, c], ([image, channel]) => {
    const from = ((image as number) * c + (channel as number)) * plane;
    return x.data.subarray(from, from + plane).reduce((sum, value) => sum + value, 0) / plane;
  });
}

function gemm([a, b, c]: Inputs, attributes: FileNode["attributes"]): Value {
  const [x, w] = [a as Value, b as Value];
  const [n, depth] = x.dims as [number, number];
  if (attributes.transB !== 1) throw new Error("Gemm without transB");
  return generate([n, w.dims[0] as number], ([image, k]) => {
    let sum = 0;
    for (let i = 0; i < depth; i++) sum += (x.data[(image as number) * depth + i] as number) * (w.data[(k as number) * depth + i] as number);
    return float(attributes.alpha) * sum + float(attributes.beta) * (c?.data[k as number] as number);
  });
}

function sliced([x, starts, ends, axes, steps]: Inputs): Value {
  let made = x as Value;
  axes?.data.forEach((axis, i) => {
    made = slice(made, axis, starts?.data[i] as number, ends?.data[i] as number, steps?.data[i] as number);
  });
  return made;
}

function gather([x, indices]: Inputs): Value {
  const [{ dims, data }, pick] = [x as Value, indices as Value];
  if (dims.length !== 1) throw new Error("Gather is only defined for lists here");
  return { dims: pick.dims, data: pick.data.map((index) => data[index] as number) };
}

const COMPUTE: Readonly<Record<string, Compute>> = {
  Conv: conv,
  BatchNormalization: batchNormalization,
  Relu: ([x]) => map(x as Value, (value) => Math.max(0, value)),
  Clip([x, low, high], attributes) {
    const [least, most] = [low ? scalar(low) : float(attributes.min), high ? scalar(high) : float(attributes.max)];
    return map(x as Value, (value) => Math.min(most, Math.max(least, value)));
  },
  Add: ([a, b]) => elementwise(a as Value, b as Value, (p, q) => p + q),
  Sub: ([a, b]) => elementwise(a as Value, b as Value, (p, q) => p - q),
  Mul: ([a, b]) => elementwise(a as Value, b as Value, (p, q) => p * q),
  Concat: (parts, attributes) => concat(parts, attributes.axis as number),
  MaxPool: pool((values) => Math.max(...values)),
  AveragePool: pool((values, places) => values.reduce((sum, value) => sum + value, 0) / places),
  GlobalAveragePool: ([x]) => spaceMean(x as Value, true),
  ReduceMean: ([x]) => spaceMean(x as Value, false),
  Flatten: ([x]) => reshape(x as Value, [0, -1]),
  Gemm: gemm,
  Constant: (_, attributes) => fromTensor(attributes.value as Parameters<typeof fromTensor>[0]),
  Shape: ([x]) => ({ dims: [(x as Value).dims.length], data: Float64Array.from((x as Value).dims) }),
  Gather: gather,
  Slice: sliced,
  Cast: ([x]) => x as Value,
  ConstantOfShape([shape], attributes) {
    const dims = Array.from((shape as Value).data);
    return { dims, data: new Float64Array(countOf(dims)).fill(scalar(fromTensor(attributes.value as Parameters<typeof fromTensor>[0]))) };
  },
  Reshape: ([x, target]) => reshape(x as Value, Array.from((target as Value).data)),
  Unsqueeze: ([x]) => ({ dims: [1, ...(x as Value).dims], data: (x as Value).data }),
  Transpose: ([x], attributes) => transpose(x as Value, ints(attributes.perm)),
  Pad: ([x, pads, filler]) => pad(x as Value, Array.from((pads as Value).data), scalar(filler as Value)),
};

/** The file's output for a batch of images. @param images [batch, channels, height, width] */
export function computeFile(file: OnnxFile, images: Float32Array, batch: number): Float64Array {
  const values = new Map<string, Value>();
  for (const [name, tensor] of file.initializers) values.set(name, fromTensor(tensor));
  values.set(file.input.name, { dims: [batch, ...(file.input.dims.slice(1) as number[])], data: Float64Array.from(images) });
  for (const { name, op, inputs, output, attributes } of file.nodes) {
    const compute = COMPUTE[op];
    if (!compute) throw new Error(`Node ${name}: the reference does not know ${op}`);
    const given = inputs.map((input) => {
      const value = values.get(input);
      if (!value) throw new Error(`Node ${name} reads ${input}, which is not there`);
      return value;
    });
    values.set(output, compute(given, attributes));
  }
  return (values.get(file.output.name) as Value).data;
}
