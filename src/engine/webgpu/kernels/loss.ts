/** Squared-error loss with its gradient, squares for Fisher weights, and the record of losses. */
import { type Damped, type FullError, LOSS_PARTS, type Record as RecordStep, type Square, type SquaredError } from "../../steps";
import { type Dispatch, elementwise, literal, reduction, shader } from "../dispatch";
import { maskCode } from "./conv";

export function squaredError(step: SquaredError): Dispatch {
  const own = step.mask?.value === step.prediction;
  const four = step.size % 4 === 0;
  const names = four ? ["prediction", "goal", "weight", "maskValue", "grad"] : [];
  return reduction(four ? step.size / 4 : step.size, LOSS_PARTS, step.lossesAt, literal(1 / step.positions), {
    label: "squaredError",
    reads: {
      prediction: step.prediction,
      goal: step.target,
      weight: step.weight,
      weightScale: step.weight ? step.weightScale : null,
      maskValue: step.mask && !own ? step.mask.value : null,
    },
    writes: { grad: step.grad, losses: step.losses },
    types: Object.fromEntries(names.map((name) => [name, "vec4<f32>"])),
    body: `    let difference = prediction[i] - goal[i];
    let weighted = ${powerCode(step.power, four)}${step.weight ? " * weight[i] * weightScale[0]" : ""};
    sum += ${four ? "dot(weighted, difference)" : "weighted * difference"};
    let g = weighted * ${literal(step.power / step.positions)};
    grad[i] = ${maskCode("g", step.mask, own ? "prediction" : "maskValue", "i", four)};`,
  });
}

/** |difference|^(power - 1) with its sign: times power it is the gradient, times the difference the term. */
function powerCode(power: number, four: boolean): string {
  if (power === 2) return "difference";
  const of = (value: number) => (four ? `vec4<f32>(${literal(value)})` : literal(value));
  return `(pow(max(abs(difference), ${of(1e-30)}), ${of(power - 1)}) * sign(difference))`;
}

export function square(step: Square): Dispatch {
  return reduction(step.size, LOSS_PARTS, step.lossesAt, "1.0", {
    label: "square",
    reads: { x: step.x },
    writes: { out: step.out, losses: step.losses },
    body: "    let y = x[i] * x[i];\n    out[i] = y;\n    sum += y;",
  });
}

export function damped(step: Damped): Dispatch {
  const body = `  let y = abs(x[i]) + 1.0;\n  out[i] = ${step.power === 1 ? "y" : "y * y"};`;
  return elementwise(step.size, { label: "damped", reads: { x: step.x }, writes: { out: step.out }, body });
}

const GROUP = 256;

/** One workgroup for each share of the images: an image's sum first, then its gradient. */
export function fullError(step: FullError): Dispatch {
  const { images, elements } = step;
  const factor = 1 / (images * elements * 100);
  return shader(
    {
      label: "fullError",
      reads: { prediction: step.prediction, goal: step.target, weight: step.weight },
      writes: { grad: step.grad, losses: step.losses },
      declarations: `var<workgroup> partial: array<f32, ${GROUP}>;\n`,
      body: `  let part = wg.x;
  var total = 0.0;
  for (var image = ${images}u * part / ${LOSS_PARTS}u; image < ${images}u * (part + 1u) / ${LOSS_PARTS}u; image++) {
    let first = image * ${elements}u;
    var sum = 0.0;
    for (var i = first + lane; i < first + ${elements}u; i += ${GROUP}u) { sum += abs(prediction[i] - goal[i]) * weight[i]; }
    workgroupBarrier();
    partial[lane] = sum;
    for (var half = ${GROUP / 2}u; half > 0u; half = half / 2u) {
      workgroupBarrier();
      if (lane < half) { partial[lane] += partial[lane + half]; }
    }
    workgroupBarrier();
    let d = partial[0];
    total += d * d * ${literal(factor)};
    for (var i = first + lane; i < first + ${elements}u; i += ${GROUP}u) {
      grad[i] = 2.0 * d * ${literal(factor)} * weight[i] * sign(prediction[i] - goal[i]);
    }
  }
  if (lane == 0u) { losses[${step.lossesAt}u + part] = total; }`,
    },
    [GROUP, 1],
    [LOSS_PARTS, 1, 1],
  );
}

/** One invocation a range. */
export function record({ losses, ranges, ring }: RecordStep): Dispatch {
  const pick = (of: "at" | "count") => `array<u32, ${ranges.length}>(${ranges.map((range) => `${range[of]}u`).join(", ")})`;
  return shader(
    {
      label: "record",
      reads: { losses },
      writes: { ring },
      body: `  var first = ${pick("at")};
  var count = ${pick("count")};
  var total = 0.0;
  for (var j = 0u; j < count[lane]; j++) { total += losses[first[lane] + j]; }
  ring[iteration.x * ${ranges.length}u + lane] = total;`,
    },
    [ranges.length, 1],
    [1, 1, 1],
  );
}
