/** What a step touches: allocation and autodiff follow buffers by it, without knowing any step. */
import type { Step } from "./step";

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
    case "unary":
      return { reads: [step.x], writes: [step.out] };
    case "mask":
      return { reads: some(step.dout, step.mask.value, step.accumulate ? step.dx : null), writes: [step.dx] };
    case "add":
      return { reads: [step.a, step.b], writes: [step.out] };
    case "copy":
      return { reads: some(step.x, step.accumulate ? step.out : null), writes: [step.out] };
    case "fakeQuantize":
      return { reads: [step.x, step.quantizers], writes: [step.out] };
    case "fakeQuantizeGrad":
      return {
        reads: some(step.x, step.dout, step.quantizers, step.accumulate ? step.dx : null),
        writes: some(step.dx, step.sums),
      };
    case "mix":
      return { reads: [step.a, step.b], writes: [step.out] };
    case "columnSums":
      return { reads: [step.x], writes: [step.out] };
    case "adam":
      return { reads: [step.x, step.dx, step.state, step.schedule], writes: [step.x, step.state] };
    case "straightThroughAdam":
      return {
        reads: [step.w, step.quantizers, step.state, step.dw, step.schedule],
        writes: [step.w, step.quantizers, step.state, step.soft],
      };
    case "fill":
      return { reads: [], writes: [step.out] };
    case "maxPoolGrad":
      return { reads: some(step.x, step.out, step.dout, step.accumulate ? step.dx : null), writes: [step.dx] };
    case "averagePoolGrad":
      return { reads: some(step.dout, step.accumulate ? step.dx : null), writes: [step.dx] };
    case "softmaxGrad":
      return { reads: some(step.out, step.dout, step.accumulate ? step.dx : null), writes: [step.dx] };
    case "unaryGrad":
      return { reads: some(step.x, step.dout, step.accumulate ? step.dx : null), writes: [step.dx] };
    case "contract":
      return { reads: some(step.a, step.b, step.accumulate ? step.out : null), writes: [step.out] };
    case "resample":
      return { reads: some(step.x, step.table, step.accumulate ? step.out : null), writes: [step.out] };
    case "gather":
      return { reads: [step.indices], writes: [step.out] };
    case "scatter":
      return { reads: [step.indices, step.x], writes: [] };
    case "roundAdam":
      return {
        reads: [step.v, step.qparams, step.state, step.dw, step.schedule],
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
