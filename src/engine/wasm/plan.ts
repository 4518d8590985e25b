/**
 * Turns steps into the rows that the kernels read. A row is an opcode and up to 47 words; which word means
 * what is said at each kernel in assembly/. Choices that could change bits (how a batch or a plane is cut)
 * depend on shapes alone.
 */
import { UNARY_FUNCTIONS } from "../../base/unary";
import { contraction } from "../contraction";
import {
  type Clamp,
  type FakeQuantize,
  type FakeQuantizeGrad,
  type Gather,
  type Geometry,
  isDepthwise,
  LOSS_PARTS,
  type Mask,
  padded,
  type Scatter,
  type Step,
  threshold,
  type Unary,
  type UnaryGrad,
} from "../steps";
import type { Storage } from "../storage";
import {
  depthwiseInputGrad,
  direct,
  FILTER_PARTS,
  flatten,
  geometryWords,
  inputGradGeometry,
  isWinograd,
  rowsPerGroup,
  type UpsampledGeometry,
  winogradFilterChunk,
  winogradRun,
} from "./tiling";

export const ROW_WORDS = 48;

const OPCODES = {
  packKernel: 1,
  convRows: 2,
  filterGrad: 3,
  depthwise: 4,
  depthwiseFilterGrad: 6,
  clamp: 7,
  mask: 8,
  add: 9,
  copy: 10,
  fill: 11,
  maxPool: 12,
  maxPoolGrad: 13,
  averagePool: 14,
  averagePoolGrad: 15,
  softmax: 16,
  softmaxGrad: 17,
  gather: 18,
  scatter: 19,
  roundAdam: 21,
  squaredError: 22,
  klDivergence: 23,
  square: 24,
  record: 25,
  fullError: 20,
  winogradKernel: 26,
  winogradConv: 27,
  winogradFilterGrad: 28,
  fakeQuantize: 29,
  fakeQuantizeGrad: 30,
  mix: 31,
  columnSums: 32,
  adam: 33,
  straightThroughAdam: 34,
  scaleErrors: 35,
  unary: 36,
  unaryGrad: 37,
  contract: 38,
  resample: 39,
} as const;

/** Where a tensor's images lie: its table, words and storage of an image, and staged iterations (0 if resident). */
export interface TensorRow {
  readonly table: number;
  readonly words: number;
  readonly storage: Storage;
  readonly window: number;
}

export interface Addresses {
  buffer(name: string): number;
  tensor(name: string): TensorRow;
  readonly panels: number;
  readonly scratch: number;
  readonly scratchStride: number;
}

/** A word of a row: an integer, or a float kept by its bits. */
type Word = number | { readonly f32: number };

export class Plan {
  private readonly rows: Word[][] = [];

  get length(): number {
    return this.rows.length;
  }

  row(opcode: keyof typeof OPCODES, ...words: Word[]): void {
    if (words.length >= ROW_WORDS) throw new Error(`A row of ${opcode} has ${words.length} words`);
    this.rows.push([OPCODES[opcode], ...words]);
  }

  encode(): Int32Array {
    const words = new Int32Array(this.rows.length * ROW_WORDS);
    const floats = new Float32Array(words.buffer);
    this.rows.forEach((row, index) => {
      row.forEach((word, at) => {
        if (typeof word === "number") words[index * ROW_WORDS + at] = word;
        else floats[index * ROW_WORDS + at] = word.f32;
      });
    });
    return words;
  }
}

const real = (value: number): Word => ({ f32: value });

export function lower(steps: readonly Step[], at: Addresses): Plan {
  const plan = new Plan();
  for (const step of steps) lowerStep(step, at, plan);
  return plan;
}

function lowerStep(step: Step, at: Addresses, plan: Plan): void {
  const of = (name: string | null) => (name === null ? 0 : at.buffer(name));
  switch (step.op) {
    case "conv2d": {
      const limits = epilogue(step.clamp, null);
      const ends = { x: of(step.x), bias: of(step.bias), residual: of(step.residual), out: of(step.out), mask: 0 };
      if (isDepthwise(step.geometry)) return convolution(plan, "depthwise", ends, of(step.w), { ...step.geometry, us: 0, uw: 0 }, limits, at);
      return dense(plan, of(step.w), step.geometry, false, ends, limits, at);
    }
    case "conv2dInputGrad": {
      const limits = epilogue(null, step.mask);
      const dx = of(step.dx);
      const ends = { x: of(step.dout), bias: 0, residual: step.accumulate ? dx : 0, out: dx, mask: of(step.mask?.value ?? null) };
      if (isDepthwise(step.geometry)) return convolution(plan, "depthwise", ends, of(step.w), depthwiseInputGrad(step.geometry), limits, at);
      return dense(plan, of(step.w), step.geometry, true, ends, limits, at);
    }
    case "conv2dFilterGrad": {
      if (isWinograd(step.geometry)) {
        const { parts, most, images } = winogradFilterChunk(step.geometry);
        const ends = [of(step.x), of(step.dout), of(step.dw), at.panels, parts, 0, at.scratch, at.scratchStride];
        return plan.row("winogradFilterGrad", ...ends, ...geometryWords(step.geometry), 1, 1, most, images);
      }
      const ends = [of(step.x), of(step.dout), of(step.dw), at.panels, FILTER_PARTS, 0, at.scratch, at.scratchStride];
      const depthwise = isDepthwise(step.geometry);
      const g = depthwise ? step.geometry : flatten(step.geometry);
      return plan.row(depthwise ? "depthwiseFilterGrad" : "filterGrad", ...ends, ...geometryWords(g), 1, 1, rowsPerGroup(g), direct(g));
    }
    case "clamp":
      return plan.row("clamp", of(step.x), of(step.out), step.size, real(step.low), real(step.high));
    case "mask": {
      const { low, high, value } = step.mask;
      return plan.row("mask", of(step.dout), of(step.dx), step.size, real(low), real(high), of(value), Number(step.accumulate));
    }
    case "add": {
      const { flags, low, high } = epilogue(step.clamp, null);
      return plan.row("add", of(step.a), of(step.b), of(step.out), step.size, flags, real(low), real(high));
    }
    case "copy":
      return plan.row(
        "copy",
        ...[of(step.x), of(step.out), ...step.extents, step.from.offset, ...step.from.strides, step.to.offset, ...step.to.strides],
        Number(step.accumulate),
      );
    case "fakeQuantize":
      return plan.row("fakeQuantize", of(step.x), of(step.out), ...quantizerWords(step, at));
    case "fakeQuantizeGrad":
      return plan.row(
        "fakeQuantizeGrad",
        ...[of(step.x), of(step.dout), ...quantizerWords(step, at), of(step.dx), step.sums ? of(step.sums) + 4 * step.index * LOSS_PARTS : 0],
        ...[real(step.gradientScale), Number(step.accumulate), Number(step.clamp !== null), real(step.clamp?.low ?? 0), real(step.clamp?.high ?? 0)],
      );
    case "mix":
      return plan.row("mix", of(step.a), of(step.b), of(step.out), step.size, step.draw.seed, threshold(step.draw));
    case "columnSums":
      return plan.row("columnSums", of(step.x), of(step.out), step.rows, step.columns);
    case "adam":
      return plan.row("adam", of(step.x), of(step.dx), step.parts, of(step.state), padded(step.size), of(step.schedule), step.size);
    case "straightThroughAdam":
      return plan.row(
        "straightThroughAdam",
        ...[of(step.w), of(step.quantizers), of(step.soft), of(step.state), padded(step.size), padded(step.channels), of(step.dw)],
        ...[of(step.schedule), step.size, step.channels, step.levels],
      );
    case "fill":
      return plan.row("fill", of(step.out), step.size, real(step.value));
    case "maxPool":
      return plan.row("maxPool", of(step.x), of(step.out), 0, 0, 0, 0, 0, 0, ...geometryWords(step.geometry));
    case "maxPoolGrad": {
      const ends = [of(step.x), of(step.out), of(step.dout), of(step.dx), Number(step.accumulate)];
      return plan.row("maxPoolGrad", ...ends, 0, 0, 0, ...geometryWords(step.geometry));
    }
    case "averagePool":
      return plan.row("averagePool", ...[of(step.x), of(step.out), 0, 0, 0, Number(step.includePad), 0, 0], ...geometryWords(step.geometry));
    case "averagePoolGrad":
      return plan.row(
        "averagePoolGrad",
        ...[0, 0, of(step.dout), of(step.dx), Number(step.accumulate), Number(step.includePad), 0, 0],
        ...geometryWords(step.geometry),
      );
    case "softmax":
      return plan.row("softmax", of(step.x), of(step.out), step.rows, step.columns, Number(step.log));
    case "softmaxGrad":
      return plan.row("softmaxGrad", of(step.out), of(step.dout), step.rows, step.columns, of(step.dx), Number(step.accumulate), Number(step.log));
    case "unary":
      return plan.row("unary", of(step.x), of(step.out), step.size, ...functionWords(step));
    case "unaryGrad":
      return plan.row("unaryGrad", of(step.x), of(step.dx), step.size, ...functionWords(step), of(step.dout), Number(step.accumulate));
    case "contract": {
      const { kept, summed } = contraction(step.axes);
      const axes = [...kept, ...summed].flatMap(({ extent, a, b, out }) => [extent, a, b, out]);
      const ends = [of(step.a), of(step.b), of(step.out), real(step.factor), Number(step.accumulate)];
      return plan.row("contract", ...ends, kept.length, summed.length, ...axes);
    }
    case "resample":
      return plan.row(
        "resample",
        ...[of(step.x), of(step.out), of(step.table), step.outer, step.from, step.to, step.inner, step.taps, Number(step.accumulate)],
      );
    case "gather":
      return plan.row("gather", ...tensorWords(at.tensor(step.tensor), of(step.indices), of(step.out), step));
    case "scatter":
      return plan.row("scatter", ...tensorWords(at.tensor(step.tensor), of(step.indices), of(step.x), step));
    case "roundAdam":
      return plan.row(
        "roundAdam",
        ...[of(step.v), of(step.qparams), of(step.state), padded(step.size), of(step.dw), of(step.soft)],
        ...[of(step.schedule), of(step.losses) + 4 * step.lossesAt, step.size, step.levels],
      );
    case "squaredError":
      return plan.row(
        "squaredError",
        ...[of(step.prediction), of(step.target), of(step.weight), of(step.weightScale), of(step.grad)],
        ...[of(step.losses) + 4 * step.lossesAt, step.size, step.positions, of(step.mask?.value ?? null)],
        real(step.mask?.low ?? 0),
        real(step.mask?.high ?? 0),
        real(step.power),
      );
    case "fullError":
      return plan.row(
        "fullError",
        ...[of(step.prediction), of(step.target), of(step.weight), of(step.grad), of(step.losses) + 4 * step.lossesAt],
        ...[step.images, step.elements],
      );
    case "klDivergence":
      return plan.row(
        "klDivergence",
        ...[of(step.logits), of(step.reference), of(step.grad), of(step.losses) + 4 * step.lossesAt],
        ...[step.rows, step.columns, at.scratch, LOSS_PARTS, step.images],
      );
    case "square":
      return plan.row("square", of(step.x), of(step.out), step.size, 0, of(step.losses) + 4 * step.lossesAt);
    case "damped":
      return plan.row("square", of(step.x), of(step.out), step.size, step.power, 0);
    case "record":
      return plan.row("record", of(step.losses), of(step.ring), step.ranges.length, ...step.ranges.flatMap(({ at, count }) => [at, count]));
  }
}

function functionWords({ fn, alpha = 0, beta = 0 }: Unary | UnaryGrad): Word[] {
  return [UNARY_FUNCTIONS.indexOf(fn), real(alpha), real(beta)];
}

function quantizerWords(step: FakeQuantize | FakeQuantizeGrad, at: Addresses): number[] {
  const { quantizers, index, count, size, levels, drop } = step;
  return [at.buffer(quantizers), index, count, size, levels, drop?.seed ?? 0, drop ? threshold(drop) : 0];
}

function tensorWords({ table, words, storage, window }: TensorRow, indices: number, buffer: number, { batch, elements }: Gather | Scatter): number[] {
  return [table, indices, buffer, batch, elements, words, Number(storage === "f16"), window];
}

interface Ends {
  readonly x: number;
  readonly bias: number;
  readonly residual: number;
  readonly out: number;
  readonly mask: number;
}

interface Epilogue {
  readonly flags: number;
  readonly low: number;
  readonly high: number;
}

function epilogue(clamp: Clamp | null, mask: Mask | null): Epilogue {
  if (clamp) return { flags: 1, low: clamp.low, high: clamp.high };
  if (mask) return { flags: 2, low: mask.low, high: mask.high };
  return { flags: 0, low: 0, high: 0 };
}

function convolution(
  plan: Plan,
  opcode: "convRows" | "winogradConv" | "depthwise",
  ends: Ends,
  kernel: number,
  g: UpsampledGeometry,
  limits: Epilogue,
  at: Addresses,
): void {
  plan.row(
    opcode,
    ...[ends.x, kernel, ends.bias, ends.residual, ends.out, ends.mask, at.scratch, at.scratchStride],
    ...geometryWords(g),
    ...[g.us ?? 1, g.uw ?? 1, opcode === "winogradConv" ? winogradRun(g).most : rowsPerGroup(g), direct(g), limits.flags],
    real(limits.low),
    real(limits.high),
  );
}

/** A convolution that is not depthwise, or (flipped) its input gradient: pack the kernel, then convolve. */
function dense(plan: Plan, w: number, g: Geometry, flipped: boolean, ends: Ends, limits: Epilogue, at: Addresses): void {
  const side = flipped ? inputGradGeometry(g) : g;
  if (isWinograd(side)) {
    plan.row("winogradKernel", w, at.panels, g.c, g.k, Number(flipped));
    return convolution(plan, "winogradConv", ends, at.panels, side, limits, at);
  }
  plan.row("packKernel", w, at.panels, g.kh * g.kw, g.c / g.groups, g.k, g.groups, Number(flipped));
  return convolution(plan, "convRows", ends, at.panels, flatten(side), limits, at);
}
