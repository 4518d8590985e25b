/** Squared-error loss with its gradient, squares for Fisher weights, and the record of losses. */
import { type DampedSquare, LOSS_PARTS, type Record as RecordStep, type Square, type SquaredError } from "../../steps";
import { type Dispatch, elementwise, literal, reduction, shader } from "../dispatch";
import { maskCode } from "./conv";

export function squaredError(step: SquaredError): Dispatch {
  const own = step.mask?.value === step.prediction;
  return reduction(step.size, LOSS_PARTS, step.lossesAt, literal(1 / step.positions), {
    label: "squaredError",
    reads: {
      prediction: step.prediction,
      goal: step.target,
      weight: step.weight,
      weightScale: step.weight ? step.weightScale : null,
      maskValue: step.mask && !own ? step.mask.value : null,
    },
    writes: { grad: step.grad, losses: step.losses },
    body: `    let difference = prediction[i] - goal[i];
    let weighted = difference${step.weight ? " * weight[i] * weightScale[0]" : ""};
    sum += weighted * difference;
    let g = weighted * ${literal(2 / step.positions)};
    grad[i] = ${maskCode("g", step.mask, own ? "prediction" : "maskValue", "i")};`,
  });
}

export function square(step: Square): Dispatch {
  return reduction(step.size, LOSS_PARTS, step.lossesAt, "1.0", {
    label: "square",
    reads: { x: step.x },
    writes: { out: step.out, losses: step.losses },
    body: "    let y = x[i] * x[i];\n    out[i] = y;\n    sum += y;",
  });
}

export function dampedSquare(step: DampedSquare): Dispatch {
  const body = "  let y = abs(x[i]) + 1.0;\n  out[i] = y * y;";
  return elementwise(step.size, { label: "dampedSquare", reads: { x: step.x }, writes: { out: step.out }, body });
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
