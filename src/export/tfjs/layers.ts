/**
 * Convolutions, transposed convolutions and matrix products with the layer's own kernel. TensorFlow's kernels are ours, apart from
 * those of depthwise convolutions, which have another axis for the multiplier, and of transposed ones. TF.js has no grouped
 * convolution: each group is one of its own, on its part of the channels and of the kernel.
 */
import { type Pads, type Shape, sizeOf } from "../../graph/types";
import { type Attribute, type Attributes, FLOAT, INT32, texts, whole, wholes } from "./topology";
import { type OperationOf, type Site, type Writer, windowAttributes } from "./writer";

export const conv2d: Writer<"conv2d"> = (operation, at) => {
  const { groups, kernel } = operation;
  if (at.transposed) return transposed(operation, at, at.transposed);
  const [kh, kw, depth, k] = kernel.shape as [number, number, number, number];
  const { x, attributes } = slid(operation, at);
  if (groups === 1) {
    const w = at.parameters.kernel({ dims: kernel.shape, channels: [k] });
    return biased(at, "Conv2D", "_FusedConv2D", [x, w], attributes);
  }
  if (depth === 1) {
    const each = k / groups;
    const w = at.parameters.kernel({ dims: [kh, kw, groups, each], channels: [groups, each] });
    return biased(at, "DepthwiseConv2dNative", "FusedDepthwiseConv2dNative", [x, w], attributes);
  }
  const w = at.parameters.kernel({ dims: kernel.shape, channels: [k] });
  const parts = Array.from({ length: groups }, (_, group) => {
    const [input, own] = [part(at, x, at.shape(), group, depth, true), part(at, w, kernel.shape, group, k / groups, false)];
    return at.step("Conv2D", [input, own], attributes);
  });
  const joined = at.own("ConcatV2", [...parts, at.integers("axis", 3)], { N: whole(groups), Tidx: INT32 });
  const bias = at.parameters.bias();
  return bias === null ? joined : at.step("BiasAdd", [joined, bias]);
};

/** Of the last axis of a tensor, the numbers of one group. */
function part(at: Site, x: string, shape: Shape, group: number, extent: number, images: boolean): string {
  const start = shape.map((_, axis) => (axis === shape.length - 1 ? group * extent : 0));
  const size = shape.map((own, axis) => (axis === shape.length - 1 ? extent : own));
  const batch = images ? { start: [0], size: [-1] } : { start: [], size: [] };
  const inputs = [x, at.integers("begin", [...batch.start, ...start]), at.integers("size", [...batch.size, ...size])];
  return at.step("Slice", inputs, { Index: INT32 });
}

/** The padding as TensorFlow says it. Explicit extents cannot be negative; what is cropped is cut off before. */
function slid({ kernel, strides, dilations, pads }: OperationOf<"conv2d">, at: Site): { x: string; attributes: Attributes } {
  const padding = pads.every((extent) => extent === 0) ? "VALID" : isSame(at, pads, kernel.shape, strides, dilations) ? "SAME" : "EXPLICIT";
  const explicit: Readonly<Record<string, Attribute>> =
    padding === "EXPLICIT" ? { explicit_paddings: wholes([0, 0, ...pads.map((extent) => Math.max(0, extent)), 0, 0]) } : {};
  const attributes = { ...windowAttributes(strides, padding), dilations: wholes([1, ...dilations, 1]), ...explicit };
  if (pads.every((extent) => extent >= 0)) return { x: at.read(), attributes };
  const [top, bottom, left, right] = pads.map((extent) => Math.max(0, -extent)) as [number, number, number, number];
  const [h, w, c] = at.shape() as [number, number, number];
  return { x: at.slice(at.read(), { start: [top, left, 0], size: [h - top - bottom, w - left - right, c], step: [1, 1, 1] }), attributes };
}

/** Whether padding is as little as gives ceil(size / stride) outputs, the odd row or column at the end. */
function isSame(at: Site, pads: Pads, kernel: Shape, strides: readonly [number, number], dilations: readonly [number, number]): boolean {
  return ([0, 1] as const).every((axis) => {
    const [size, extent] = [at.shape()[axis] as number, ((kernel[axis] as number) - 1) * dilations[axis] + 1];
    const total = Math.max(0, (Math.ceil(size / strides[axis]) - 1) * strides[axis] + extent - size);
    return pads[2 * axis] === Math.floor(total / 2) && pads[2 * axis + 1] === Math.ceil(total / 2);
  });
}

/** A layer that takes in its bias, where it has one. */
function biased(at: Site, op: string, fused: string, inputs: readonly string[], attributes: Attributes): string {
  const bias = at.parameters.bias();
  if (bias === null) return at.own(op, inputs, attributes);
  return at.own(fused, [...inputs, bias], { ...attributes, fused_ops: texts(["BiasAdd"]), num_args: whole(1), epsilon: { f: 0 } });
}

/** The gradient of a convolution by its input; the batch's extent comes from the image. */
function transposed({ kernel, pads, dilations }: OperationOf<"conv2d">, at: Site, strides: readonly [number, number]): string {
  const [kh, kw, c, k] = kernel.shape as [number, number, number, number];
  if (dilations.some((n) => n !== 1)) throw new Error(`${at.node.name} is dilated`);
  const from = new Int32Array(sizeOf(kernel.shape));
  let word = 0;
  for (let t = kh * kw - 1; t >= 0; t--) for (let o = 0; o < k; o++) for (let i = 0; i < c; i++) from[word++] = (t * c + i) * k + o;
  const w = at.parameters.kernel({ dims: [kh, kw, k, c], from, channels: [k, 1] });
  const crop = (extent: number, pad: number) => Math.max(0, extent - 1 - pad);
  const crops = [crop(kh, pads[0]), crop(kh, pads[1]), crop(kw, pads[2]), crop(kw, pads[3])];
  // The node reads the spread image in our graph; in the file it is the image itself.
  const x = at.read();
  const extents = at.step("Shape", [x], { out_type: INT32 });
  const ranges = [at.integers("begin", [0]), at.integers("end", [1]), at.integers("strides", [1])];
  const masks = { begin_mask: whole(0), end_mask: whole(0), ellipsis_mask: whole(0), new_axis_mask: whole(0), shrink_axis_mask: whole(0) };
  const batch = at.step("StridedSlice", [extents, ...ranges], { T: INT32, Index: INT32, ...masks });
  const size = at.step("ConcatV2", [batch, at.integers("extents", at.output), at.integers("axis", 0)], { T: INT32, N: whole(2), Tidx: INT32 });
  const made = at.own("Conv2DBackpropInput", [size, w, x], {
    ...windowAttributes(strides, "EXPLICIT"),
    explicit_paddings: wholes([0, 0, ...crops, 0, 0]),
    dilations: wholes([1, 1, 1, 1]),
  });
  const bias = at.parameters.bias();
  return bias === null ? made : at.step("BiasAdd", [made, bias]);
}

export const linear: Writer<"linear"> = ({ kernel }, at) => {
  const [c, k] = kernel.shape as [number, number];
  const w = at.parameters.kernel({ dims: [c, k], channels: [k] });
  const shape = at.shape();
  const x = shape.length === 1 ? at.read() : at.reshape(at.read(), [c]);
  const product = biased(at, "MatMul", "_FusedMatMul", [x, w], { T: FLOAT, transpose_a: { b: false }, transpose_b: { b: false } });
  return shape.length === 1 ? product : at.reshape(product, [...shape.slice(0, -1), k]);
};

/** Zeros between pixels: after each row, then after each column, and the last ones cut off. */
export const dilate: Writer<"dilate"> = ({ strides: [sh, sw] }, at) => {
  const [h, w, c] = at.shape() as [number, number, number];
  const rows = at.pad(at.reshape(at.read(), [h, 1, w * c]), [0, 0, 0], [0, sh - 1, 0], 0);
  const columns = at.pad(at.reshape(rows, [h * sh * w, 1, c]), [0, 0, 0], [0, sw - 1, 0], 0);
  const spread = at.reshape(columns, [h * sh, w * sw, c]);
  return at.slice(spread, { start: [0, 0, 0], size: at.output, step: [1, 1, 1] }, "own");
};
