/** AdaRound's soft weights, and one Adam step on the rounding variable with the regularizer. */
import { ADAM, GAMMA, padded, ROUND_PARTS, type RoundAdam, type SoftRound, ZETA } from "../../steps";
import { type Dispatch, elementwise, literal, reduction } from "../dispatch";

const stretched = `let s = 1.0 / (1.0 + exp(-v[i]));
    let raw = s * ${literal(ZETA - GAMMA)} + ${literal(GAMMA)};
    let h = clamp(raw, 0.0, 1.0);`;

export function softRound(step: SoftRound): Dispatch {
  return elementwise(step.size, {
    label: "softRound",
    reads: { v: step.v, floorOf: step.floor, scale: step.scale, zero: step.zero },
    writes: { out: step.out },
    body: `  ${stretched}
  out[i] = (clamp(floorOf[i] + h + zero[i], 0.0, ${step.levels - 1}.0) - zero[i]) * scale[i];`,
  });
}

export function roundAdam(step: RoundAdam): Dispatch {
  const second = padded(step.size);
  return reduction(step.size, ROUND_PARTS, step.lossesAt, "schedule[iteration.x * 4u + 1u]", {
    label: "roundAdam",
    reads: { floorOf: step.floor, scale: step.scale, zero: step.zero, dw: step.dw, schedule: step.schedule },
    writes: { v: step.v, moments: step.moments, losses: step.losses },
    body: `    let b = schedule[iteration.x * 4u];
    let weight = schedule[iteration.x * 4u + 1u];
    let rate = schedule[iteration.x * 4u + 2u];
    let correction = schedule[iteration.x * 4u + 3u];
    var d = dw[i];
    for (var p = 1u; p < ${step.parts}u; p++) { d += dw[p * ${step.size}u + i]; }
    ${stretched}
    let slope = select(0.0, s * (1.0 - s) * ${literal(ZETA - GAMMA)}, raw >= 0.0 && raw <= 1.0);
    let q = floorOf[i] + h + zero[i];
    var g = select(0.0, d * scale[i], q >= 0.0 && q <= ${step.levels - 1}.0);
    if (weight > 0.0) {
      let u = 2.0 * h - 1.0;
      var power = 0.0;
      if (abs(u) > 1e-30) {
        power = pow(abs(u), b);
        g += -2.0 * weight * b * power / u;
      }
      sum += 1.0 - power;
    }
    g *= slope;
    let m = moments[i] * ${literal(ADAM.beta1)} + g * ${literal(1 - ADAM.beta1)};
    let w = moments[${second}u + i] * ${literal(ADAM.beta2)} + g * g * ${literal(1 - ADAM.beta2)};
    moments[i] = m;
    moments[${second}u + i] = w;
    v[i] -= rate * m / (sqrt(w) * correction + ${literal(ADAM.epsilon)});`,
  });
}
