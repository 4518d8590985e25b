/** The WGSL of every step. */
import { type Geometry, isDepthwise, type Step, suitsWinograd } from "../../steps";
import type { Dispatch } from "../dispatch";
import { adam, columnSums, straightThroughAdam } from "./adam";
import { contract, resample } from "./contract";
import { conv2d, conv2dFilterGrad, conv2dInputGrad } from "./conv";
import { gather, scatter, type TensorPlace } from "./dataset-tensor";
import { depthwise, depthwiseFilterGrad, depthwiseInputGrad } from "./depthwise";
import { damped, fullError, record, square, squaredError } from "./loss";
import { add, clampStep, copy, fill, maskStep } from "./pointwise";
import { averagePool, averagePoolGrad, maxPool, maxPoolGrad } from "./pool";
import { fakeQuantize, fakeQuantizeGrad, mix } from "./quantize";
import { registersConv, registersFilterGrad, registersInputGrad, suitsRegisters } from "./registers";
import { roundAdam } from "./rounding";
import { klDivergence, softmax, softmaxGrad } from "./softmax";
import { unary, unaryGrad } from "./unary";
import { winogradConv, winogradFilterGrad, winogradInputGrad } from "./winograd";

/** As the products of Winograd's planes need their channels: in eights. */
function isWinograd(g: Geometry): boolean {
  return suitsWinograd(g) && suitsRegisters(g);
}

/** The dispatches of a program's steps, in order. */
export function dispatchesOf(steps: readonly Step[], placeOf: (tensor: string) => TensorPlace): Dispatch[] {
  const kept = new Set(steps.flatMap((step) => (step.op === "conv2dFilterGrad" && isWinograd(step.geometry) ? [step.x] : [])));
  const made = new Set(steps.flatMap((step) => (step.op === "conv2d" && isWinograd(step.geometry) ? [step.x] : [])));
  return steps.flatMap((step) => {
    if (step.op === "conv2d" && isWinograd(step.geometry)) return winogradConv(step, kept.has(step.x));
    if (step.op === "conv2dInputGrad" && isWinograd(step.geometry)) return winogradInputGrad(step);
    if (step.op === "conv2dFilterGrad" && isWinograd(step.geometry) && made.has(step.x)) return winogradFilterGrad(step);
    if (step.op === "conv2d" && suitsRegisters(step.geometry)) return [registersConv(step)];
    if (step.op === "conv2dInputGrad" && suitsRegisters(step.geometry)) return registersInputGrad(step);
    if (step.op === "conv2dFilterGrad" && suitsRegisters(step.geometry)) return registersFilterGrad(step);
    return stepDispatches(step, placeOf);
  });
}

function stepDispatches(step: Step, placeOf: (tensor: string) => TensorPlace): Dispatch[] {
  switch (step.op) {
    case "conv2d":
      return [isDepthwise(step.geometry) ? depthwise(step) : conv2d(step)];
    case "conv2dInputGrad":
      return [isDepthwise(step.geometry) ? depthwiseInputGrad(step) : conv2dInputGrad(step)];
    case "conv2dFilterGrad":
      return isDepthwise(step.geometry) ? depthwiseFilterGrad(step) : conv2dFilterGrad(step);
    case "clamp":
      return [clampStep(step)];
    case "mask":
      return [maskStep(step)];
    case "add":
      return [add(step)];
    case "copy":
      return [copy(step)];
    case "fill":
      return [fill(step)];
    case "fakeQuantize":
      return [fakeQuantize(step)];
    case "fakeQuantizeGrad":
      return [fakeQuantizeGrad(step)];
    case "mix":
      return [mix(step)];
    case "columnSums":
      return [columnSums(step)];
    case "adam":
      return [adam(step)];
    case "straightThroughAdam":
      return [straightThroughAdam(step)];
    case "maxPool":
      return [maxPool(step)];
    case "maxPoolGrad":
      return [maxPoolGrad(step)];
    case "averagePool":
      return [averagePool(step)];
    case "averagePoolGrad":
      return [averagePoolGrad(step)];
    case "softmax":
      return [softmax(step)];
    case "softmaxGrad":
      return [softmaxGrad(step)];
    case "unary":
      return [unary(step)];
    case "unaryGrad":
      return [unaryGrad(step)];
    case "contract":
      return [contract(step)];
    case "resample":
      return [resample(step)];
    case "gather":
      return gather(step, placeOf(step.tensor));
    case "scatter":
      return scatter(step, placeOf(step.tensor));
    case "roundAdam":
      return [roundAdam(step)];
    case "squaredError":
      return [squaredError(step)];
    case "klDivergence":
      return [klDivergence(step)];
    case "square":
      return [square(step)];
    case "damped":
      return [damped(step)];
    case "fullError":
      return [fullError(step)];
    case "record":
      return [record(step)];
  }
}
