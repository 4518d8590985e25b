/**
 * The vocabulary of a Program. Each step names the buffers that it reads and writes and carries its
 * static shapes; what it computes is said here once and implemented by each device.
 */
import type { Clamp, Geometry, Mask } from "./geometry";

export * from "./geometry";

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

/** out = softmax of each of `rows` rows of `columns`. */
export interface Softmax {
  readonly op: "softmax";
  readonly x: string;
  readonly out: string;
  readonly rows: number;
  readonly columns: number;
}

export interface SoftmaxGrad {
  readonly op: "softmaxGrad";
  readonly out: string;
  readonly dout: string;
  readonly dx: string;
  readonly rows: number;
  readonly columns: number;
  readonly accumulate: boolean;
}

/** out[i] = the bank's image number `indices[iteration * batch + i]`, for a batch of images. */
export interface Gather {
  readonly op: "gather";
  readonly bank: string;
  readonly indices: string;
  readonly out: string;
  readonly batch: number;
  readonly elements: number;
}

/** The bank's image number `indices[iteration * batch + i]` = x[i]. */
export interface Scatter {
  readonly op: "scatter";
  readonly bank: string;
  readonly indices: string;
  readonly x: string;
  readonly batch: number;
  readonly elements: number;
}

/**
 * One step of AdaRound (Nagel et al. 2020, eq. 22-24). The relaxed weights are
 *   soft = (clamp(floor + h(v) + zero, 0, levels-1) - zero) * scale;
 * this is one Adam step on v for the reconstruction gradient `dw` plus the rounding regularizer
 * weight * sum(1 - |2h-1|^b). The row of `schedule` for an iteration is
 * [b, regularizer weight, rate / (1 - beta1^t), 1 / sqrt(1 - beta2^t)]. The regularizer's value goes to
 * `losses` as ROUND_PARTS partial sums from `lossesAt`. Last, `soft` is made anew, for the next iteration: the host writes the first.
 * Every operand has the kernel's size.
 */
export interface RoundAdam {
  readonly op: "roundAdam";
  readonly v: string;
  /** floor(w / scale), scale and zero point of every weight, each in `padded(size)` words. */
  readonly grid: string;
  readonly soft: string;
  /** Adam's first and second moments and sigmoid(v), each in `padded(size)` words. */
  readonly state: string;
  readonly dw: string;
  readonly schedule: string;
  readonly losses: string;
  readonly lossesAt: number;
  readonly size: number;
  readonly levels: number;
}

/**
 * Squared error summed over channels, mean over batch and space, optionally weighted element by element
 * by `weight` times the single number in `weightScale`: the loss goes to `losses` as LOSS_PARTS partial
 * sums from `lossesAt`, its gradient to `grad`.
 */
export interface SquaredError {
  readonly op: "squaredError";
  readonly prediction: string;
  readonly target: string;
  readonly weight: string | null;
  readonly weightScale: string | null;
  readonly grad: string;
  readonly losses: string;
  readonly lossesAt: number;
  readonly size: number;
  /** Batch times positions: what the mean divides by. */
  readonly positions: number;
  readonly mask: Mask | null;
}

/**
 * The error as its whole outer product sees it (the release's fisher_full): with a = |prediction - target| and
 * d = sum of a * weight over an image, the mean over batch and elements of d * a * weight / 100, which is the
 * mean of d^2. The loss goes to `losses` as LOSS_PARTS partial sums from `lossesAt`, its gradient to `grad`.
 */
export interface FullError {
  readonly op: "fullError";
  readonly prediction: string;
  readonly target: string;
  readonly weight: string;
  readonly grad: string;
  readonly losses: string;
  readonly lossesAt: number;
  readonly images: number;
  /** Numbers of one image. */
  readonly elements: number;
}

/** KL(softmax(reference) || softmax(logits)), batch mean, and its gradient to the logits. */
export interface KlDivergence {
  readonly op: "klDivergence";
  readonly logits: string;
  readonly reference: string;
  readonly grad: string;
  readonly losses: string;
  readonly lossesAt: number;
  readonly rows: number;
  readonly columns: number;
}

/** out = x * x element by element; the sum goes to `losses` as LOSS_PARTS partial sums. */
export interface Square {
  readonly op: "square";
  readonly x: string;
  readonly out: string;
  readonly losses: string;
  readonly lossesAt: number;
  readonly size: number;
}

/** out = (|x| + 1)^power element by element: the damped Fisher weights of the published release. */
export interface Damped {
  readonly op: "damped";
  readonly x: string;
  readonly out: string;
  readonly power: 1 | 2;
  readonly size: number;
}

/** ring[iteration, i] = the sum of losses[at .. at + count) of range i, in a fixed order. */
export interface Record {
  readonly op: "record";
  readonly losses: string;
  readonly ranges: readonly { readonly at: number; readonly count: number }[];
  /** [iterations, ranges] */
  readonly ring: string;
}

export type Step =
  | Conv2d
  | Conv2dInputGrad
  | Conv2dFilterGrad
  | ClampStep
  | MaskStep
  | Add
  | Copy
  | Fill
  | MaxPool
  | MaxPoolGrad
  | AveragePool
  | AveragePoolGrad
  | Softmax
  | SoftmaxGrad
  | Gather
  | Scatter
  | RoundAdam
  | SquaredError
  | FullError
  | KlDivergence
  | Square
  | Damped
  | Record;

/** Fixed numbers of partial sums: the bits of a sum must not depend on the number of threads. */
export const LOSS_PARTS = 64;
export const ROUND_PARTS = 32;

/** Words up to the next whole vector of four. */
export function padded(size: number): number {
  return Math.ceil(size / 4) * 4;
}

/** The interval of AdaRound's stretched sigmoid: h(v) = clamp(sigmoid(v) * (zeta - gamma) + gamma, 0, 1). */
export const ZETA = 1.1;
export const GAMMA = -0.1;

/** Adam's constants; the learning rate comes from the schedule. */
export const ADAM = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;

/** The buffers that a step reads and writes. A buffer that it adds to is in both. */
export function access(step: Step): { reads: string[]; writes: string[] } {
  const some = (...names: (string | null | undefined)[]) => names.filter((name): name is string => !!name);
  switch (step.op) {
    case "conv2d":
      return { reads: some(step.x, step.w, step.bias, step.residual), writes: [step.out] };
    case "conv2dInputGrad":
      return { reads: some(step.dout, step.w, step.mask?.value, step.accumulate ? step.dx : null), writes: [step.dx] };
    case "conv2dFilterGrad":
      return { reads: [step.x, step.dout], writes: [step.dw] };
    case "clamp":
    case "softmax":
    case "maxPool":
    case "averagePool":
    case "damped":
      return { reads: [step.x], writes: [step.out] };
    case "mask":
      return { reads: some(step.dout, step.mask.value, step.accumulate ? step.dx : null), writes: [step.dx] };
    case "add":
      return { reads: [step.a, step.b], writes: [step.out] };
    case "copy":
      return { reads: some(step.x, step.accumulate ? step.out : null), writes: [step.out] };
    case "fill":
      return { reads: [], writes: [step.out] };
    case "maxPoolGrad":
      return { reads: some(step.x, step.out, step.dout, step.accumulate ? step.dx : null), writes: [step.dx] };
    case "averagePoolGrad":
      return { reads: some(step.dout, step.accumulate ? step.dx : null), writes: [step.dx] };
    case "softmaxGrad":
      return { reads: some(step.out, step.dout, step.accumulate ? step.dx : null), writes: [step.dx] };
    case "gather":
      return { reads: [step.indices], writes: [step.out] };
    case "scatter":
      return { reads: [step.indices, step.x], writes: [] };
    case "roundAdam":
      return {
        reads: [step.v, step.grid, step.state, step.dw, step.schedule],
        writes: [step.v, step.state, step.soft, step.losses],
      };
    case "squaredError":
      return {
        reads: some(step.prediction, step.target, step.weight, step.weightScale, step.mask?.value),
        writes: [step.grad, step.losses],
      };
    case "fullError":
      return { reads: [step.prediction, step.target, step.weight], writes: [step.grad, step.losses] };
    case "klDivergence":
      return { reads: [step.logits, step.reference], writes: [step.grad, step.losses] };
    case "square":
      return { reads: [step.x], writes: [step.out, step.losses] };
    case "record":
      return { reads: [step.losses], writes: [step.ring] };
  }
}
