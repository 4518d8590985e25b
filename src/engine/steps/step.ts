/** What computes a network, forward and backward, and the union of all steps. */

import type { Contract, Resample, Unary, UnaryGrad } from "./general";
import type { Clamp, Geometry, Mask } from "./geometry";
import type { Damped, FullError, KlDivergence, Record, Square, SquaredError } from "./losses";
import type { Adam, ColumnSums, FakeQuantize, FakeQuantizeGrad, Mix, RoundAdam, StraightThroughAdam } from "./quantizing";

/** out = clamp(conv(x, w) + bias + residual). Covers dense, grouped, depthwise and fully connected layers. */
export interface Conv2d {
  readonly op: "conv2d";
  readonly x: string;
  readonly w: string;
  readonly bias: string | null;
  readonly residual: string | null;
  readonly out: string;
  readonly geometry: Geometry;
  readonly clamp: Clamp | null;
}

/** dx (+)= the gradient of conv2d to its input, masked where x came out of a clamp. */
export interface Conv2dInputGrad {
  readonly op: "conv2dInputGrad";
  readonly dout: string;
  readonly w: string;
  readonly dx: string;
  readonly geometry: Geometry;
  readonly accumulate: boolean;
  readonly mask: Mask | null;
}

/** dw = the gradient of conv2d to its kernel, [kh, kw, c/groups, k]. */
export interface Conv2dFilterGrad {
  readonly op: "conv2dFilterGrad";
  readonly x: string;
  readonly dout: string;
  readonly dw: string;
  readonly geometry: Geometry;
}

/** out = clamp(x). */
export interface ClampStep extends Clamp {
  readonly op: "clamp";
  readonly x: string;
  readonly out: string;
  readonly size: number;
}

/** dx (+)= dout where the mask keeps it. */
export interface MaskStep {
  readonly op: "mask";
  readonly dout: string;
  readonly dx: string;
  readonly size: number;
  readonly mask: Mask;
  readonly accumulate: boolean;
}

/** out = clamp(a + b). */
export interface Add {
  readonly op: "add";
  readonly a: string;
  readonly b: string;
  readonly out: string;
  readonly size: number;
  readonly clamp: Clamp | null;
}

/** Where a strided 4-d box lies in a buffer, in words. */
export interface Box {
  readonly offset: number;
  readonly strides: readonly [number, number, number, number];
}

/** A strided copy of a box: concatenation, slicing, padding, flattening and their gradients are all this. */
export interface Copy {
  readonly op: "copy";
  readonly x: string;
  readonly out: string;
  readonly extents: readonly [number, number, number, number];
  readonly from: Box;
  readonly to: Box;
  readonly accumulate: boolean;
}

export interface Fill {
  readonly op: "fill";
  readonly out: string;
  readonly size: number;
  readonly value: number;
}

/** Maximum over windows; padding never wins. */
export interface MaxPool {
  readonly op: "maxPool";
  readonly x: string;
  readonly out: string;
  readonly geometry: Geometry;
}

/** dx (+)= dout at the first maximum of each window. */
export interface MaxPoolGrad {
  readonly op: "maxPoolGrad";
  readonly x: string;
  readonly out: string;
  readonly dout: string;
  readonly dx: string;
  readonly geometry: Geometry;
  readonly accumulate: boolean;
}

/** Mean over windows, of the window's size (`includePad`) or of its part inside the image. */
export interface AveragePool {
  readonly op: "averagePool";
  readonly x: string;
  readonly out: string;
  readonly geometry: Geometry;
  readonly includePad: boolean;
}

export interface AveragePoolGrad {
  readonly op: "averagePoolGrad";
  readonly dout: string;
  readonly dx: string;
  readonly geometry: Geometry;
  readonly includePad: boolean;
  readonly accumulate: boolean;
}

/** out = softmax of each of `rows` rows of `columns`, or its logarithm. */
export interface Softmax {
  readonly op: "softmax";
  readonly x: string;
  readonly out: string;
  readonly rows: number;
  readonly columns: number;
  readonly log: boolean;
}

export interface SoftmaxGrad {
  readonly op: "softmaxGrad";
  readonly out: string;
  readonly dout: string;
  readonly dx: string;
  readonly rows: number;
  readonly columns: number;
  readonly log: boolean;
  readonly accumulate: boolean;
}

/** out[i] = the tensor's image number `indices[iteration * batch + i]`, for a batch of images. */
export interface Gather {
  readonly op: "gather";
  readonly tensor: string;
  readonly indices: string;
  readonly out: string;
  readonly batch: number;
  readonly elements: number;
}

/** The tensor's image number `indices[iteration * batch + i]` = x[i]. */
export interface Scatter {
  readonly op: "scatter";
  readonly tensor: string;
  readonly indices: string;
  readonly x: string;
  readonly batch: number;
  readonly elements: number;
}

export type Step =
  | Conv2d
  | Conv2dInputGrad
  | Conv2dFilterGrad
  | ClampStep
  | MaskStep
  | Add
  | Copy
  | FakeQuantize
  | FakeQuantizeGrad
  | Mix
  | ColumnSums
  | Adam
  | StraightThroughAdam
  | Fill
  | MaxPool
  | MaxPoolGrad
  | AveragePool
  | AveragePoolGrad
  | Softmax
  | SoftmaxGrad
  | Unary
  | UnaryGrad
  | Contract
  | Resample
  | Gather
  | Scatter
  | RoundAdam
  | SquaredError
  | FullError
  | KlDivergence
  | Square
  | Damped
  | Record;
