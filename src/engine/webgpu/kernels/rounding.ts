/** One Adam step on AdaRound's rounding variable with the regularizer, and the relaxed weights that follow. */
import { ADAM, GAMMA, padded, ROUND_PARTS, type RoundAdam, ZETA } from "../../steps";
import { type Dispatch, literal, reduction } from "../dispatch";

export function roundAdam(step: RoundAdam): Dispatch {
  const plane = padded(step.size);
  const stretch = (sigmoid: string) => `${sigmoid} * ${literal(ZETA - GAMMA)} + ${literal(GAMMA)}`;
  return reduction(step.size, ROUND_PARTS, step.lossesAt, "schedule[iteration.x * 4u + 1u]", {
    label: "roundAdam",
    reads: { qparams: step.qparams, dw: step.dw, schedule: step.schedule },
    writes: { v: step.v, state: step.state, soft: step.soft, losses: step.losses },
    body: `    let b = schedule[iteration.x * 4u];
    let weight = schedule[iteration.x * 4u + 1u];
    let rate = schedule[iteration.x * 4u + 2u];
    let correction = schedule[iteration.x * 4u + 3u];
    let s = state[${2 * plane}u + i];
    let raw = ${stretch("s")};
    let h = clamp(raw, 0.0, 1.0);
    let slope = select(0.0, s * (1.0 - s) * ${literal(ZETA - GAMMA)}, raw >= 0.0 && raw <= 1.0);
    let scale = qparams[${plane}u + i];
    let zero = qparams[${2 * plane}u + i];
    let down = qparams[i] + zero;
    let q = down + h;
    var g = select(0.0, dw[i] * scale, q >= 0.0 && q <= ${step.levels - 1}.0);
    if (weight > 0.0) {
      let u = 2.0 * h - 1.0;
      var below = 0.0;
      if (abs(u) > 1e-30) { below = pow(abs(u), b - 1.0); }
      g += -2.0 * weight * b * below * sign(u);
      sum += 1.0 - below * abs(u);
    }
    g *= slope;
    let m = state[i] * ${literal(ADAM.beta1)} + g * ${literal(1 - ADAM.beta1)};
    let w = state[${plane}u + i] * ${literal(ADAM.beta2)} + g * g * ${literal(1 - ADAM.beta2)};
    state[i] = m;
    state[${plane}u + i] = w;
    let next = v[i] - rate * m / (sqrt(w) * correction + ${literal(ADAM.epsilon)});
    v[i] = next;
    let opened = 1.0 / (1.0 + exp(-next));
    state[${2 * plane}u + i] = opened;
    let level = clamp(down + clamp(${stretch("opened")}, 0.0, 1.0), 0.0, ${step.levels - 1}.0);
    soft[i] = (level - zero) * scale;`,
  });
}
