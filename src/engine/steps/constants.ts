/** Numbers that every device must agree on. */

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
