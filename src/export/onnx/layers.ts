/** Convolutions, transposed convolutions and matrix products with the layer's own kernel. */
import { type Shape, sizeOf } from "../../graph/types";
import type { Attributes } from "./proto";
import type { KernelOrder, Site, Writer } from "./writer";

export const conv2d: Writer<"conv2d"> = {
  write({ kernel, bias, strides, dilations, pads, groups }, at) {
    const [kh, kw, c, k] = kernel.shape as [number, number, number, number];
    const [top, bottom, left, right] = pads;
    const { transposed } = at;
    if (!transposed) {
      const attributes = { kernel_shape: [kh, kw], strides, dilations, pads: [top, left, bottom, right], group: groups };
      const order = outputsFirst(kh, kw, c, k);
      return { tensor: withBias(at, "Conv", [at.read("first")], order, bias !== null && [k, 1, 1], attributes), channels: "first" };
    }
    // Around an image spread by its strides, a convolution padded by p is a transposed one that crops (kernel - 1) * dilation - p.
    const crop = (extent: number, dilation: number, pad: number) => (extent - 1) * dilation - pad;
    const crops = [crop(kh, dilations[0], top), crop(kw, dilations[1], left), crop(kh, dilations[0], bottom), crop(kw, dilations[1], right)];
    const attributes = {
      ...{ kernel_shape: [kh, kw], strides: transposed, dilations, group: 1 },
      pads: crops.map((n) => Math.max(0, n)),
      output_padding: crops.slice(2).map((n) => Math.max(0, -n)),
    };
    const order = inputsFirst(kh, kw, c, k);
    return { tensor: withBias(at, "ConvTranspose", [at.read("first")], order, bias !== null && [k, 1, 1], attributes), channels: "first" };
  },
};

/** A layer of an operator that takes a bias as its last input. @param shape of the bias where a node of its own adds it; false without */
function withBias(at: Site, op: string, inputs: string[], order: KernelOrder, shape: Shape | false, attributes: Attributes): string {
  const { parameters } = at;
  if (!parameters) throw new Error(`${at.node.name} is no layer`);
  const kernel = parameters.kernel(order);
  if (!shape) return at.emit(op, [...inputs, kernel], attributes);
  const { biasBy } = parameters;
  if (biasBy === "input") return at.emit(op, [...inputs, kernel, parameters.bias([sizeOf(shape)])], attributes);
  return at.emit(biasBy, [at.emit(op, [...inputs, kernel], attributes), parameters.bias(shape)]);
}

/** HWIO to OIHW. */
function outputsFirst(kh: number, kw: number, c: number, k: number): KernelOrder {
  const from = new Int32Array(kh * kw * c * k);
  let at = 0;
  for (let o = 0; o < k; o++) for (let i = 0; i < c; i++) for (let t = 0; t < kh * kw; t++) from[at++] = (t * c + i) * k + o;
  return { dims: [k, c, kh, kw], axis: 0, from };
}

/** HWIO to the kernel of a transposed convolution, [in, out, kh, kw], turned by half a turn. */
function inputsFirst(kh: number, kw: number, c: number, k: number): KernelOrder {
  const from = new Int32Array(kh * kw * c * k);
  let at = 0;
  for (let i = 0; i < c; i++) for (let o = 0; o < k; o++) for (let t = kh * kw - 1; t >= 0; t--) from[at++] = (t * c + i) * k + o;
  return { dims: [c, k, kh, kw], axis: 1, from };
}

export const linear: Writer<"linear"> = {
  write({ kernel, bias }, at) {
    const [c, k] = kernel.shape as [number, number];
    const { parameters } = at;
    if (!parameters) throw new Error(`${at.node.name} is no layer`);
    if (at.shape().length === 1) {
      const from = Int32Array.from({ length: c * k }, (_, i) => (i % c) * k + Math.floor(i / c));
      const order = { dims: [k, c], axis: 0, from };
      return { tensor: withBias(at, "Gemm", [at.read("last")], order, bias !== null && [k], { transB: 1 }), channels: "last" };
    }
    const w = parameters.kernel({ dims: [c, k], axis: 1, from: Int32Array.from({ length: c * k }, (_, i) => i) });
    const product = at.emit("MatMul", [at.read("last"), w]);
    const by = parameters.biasBy === "input" ? "Add" : parameters.biasBy;
    return { tensor: bias ? at.emit(by, [product, parameters.bias([k])]) : product, channels: "last" };
  },
};

/** Alone, zeros between pixels are a transposed convolution by channel whose kernel is the number 1. */
export const dilate: Writer<"dilate"> = {
  write({ strides }, at) {
    const c = at.shape()[2] as number;
    const ones = at.floats("ones", [c, 1, 1, 1], new Float32Array(c).fill(1));
    return { tensor: at.emit("ConvTranspose", [at.read("first"), ones], { kernel_shape: [1, 1], strides, group: c }), channels: "first" };
  },
};
