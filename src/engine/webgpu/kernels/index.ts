/** The WGSL of every step. */
import { isDepthwise, type Step } from "../../steps";
import type { Dispatch } from "../dispatch";
import { type BankPlace, gather, scatter } from "./bank";
import { conv2d, conv2dFilterGrad, conv2dInputGrad } from "./conv";
import { depthwise, depthwiseFilterGrad, depthwiseInputGrad } from "./depthwise";
import { dampedSquare, record, square, squaredError } from "./loss";
import { add, clampStep, copy, fill, maskStep } from "./pointwise";
import { averagePool, averagePoolGrad, maxPool, maxPoolGrad } from "./pool";
import { roundAdam } from "./rounding";
import { klDivergence, softmax, softmaxGrad } from "./softmax";

export function dispatchesOf(step: Step, placeOf: (bank: string) => BankPlace): Dispatch[] {
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
    case "gather":
      return gather(step, placeOf(step.bank));
    case "scatter":
      return scatter(step, placeOf(step.bank));
    case "roundAdam":
      return [roundAdam(step)];
    case "squaredError":
      return [squaredError(step)];
    case "klDivergence":
      return [klDivergence(step)];
    case "square":
      return [square(step)];
    case "dampedSquare":
      return [dampedSquare(step)];
    case "record":
      return [record(step)];
  }
}
