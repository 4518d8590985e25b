/**
 * AdaRound's rounding variable on the host (Nagel et al. 2020, section 3.2): where it starts, how it hardens,
 * and when it counts as settled. The training itself runs on the device (engine step roundAdam).
 *
 * h(v) = clamp(sigmoid(v) * (zeta - gamma) + gamma, 0, 1) goes from rounding down (0) to rounding up (1).
 */
import { log } from "../../base/log";
import { GAMMA, ZETA } from "../../engine/steps";
import { clampLevel, levelsOf, type QParams } from "../quantizer";

export interface Rounding {
  /** floor(w / scale), [size]. */
  readonly floor: Float32Array;
  /** v with h(v) = w/scale - floor(w/scale): the block starts at full precision. */
  readonly start: Float32Array;
  /** Scale and zero point for each word, [size]. */
  readonly scale: Float32Array;
  readonly zero: Float32Array;
  /** sigmoid(v) and the relaxed weights at the start, [size]. */
  readonly sigmoid: Float32Array;
  readonly soft: Float32Array;
}

export function startRounding(weights: Float32Array, qparams: QParams): Rounding {
  const channels = qparams.scale.length;
  const size = weights.length;
  const floor = new Float32Array(size);
  const start = new Float32Array(size);
  const scale = new Float32Array(size);
  const zero = new Float32Array(size);
  const sigmoid = new Float32Array(size);
  const soft = new Float32Array(size);
  const levels = levelsOf(qparams.bits);
  for (let i = 0; i < size; i++) {
    const s = qparams.scale[i % channels] as number;
    const ratio = Math.fround((weights[i] as number) / s);
    const down = Math.floor(ratio);
    const rest = Math.fround(ratio - down);
    floor[i] = down;
    start[i] = -log((ZETA - GAMMA) / (rest - GAMMA) - 1);
    scale[i] = s;
    const z = qparams.zero[i % channels] as number;
    zero[i] = z;
    sigmoid[i] = (rest - GAMMA) / (ZETA - GAMMA);
    soft[i] = (clampLevel(ratio + z, levels) - z) * s;
  }
  return { floor, start, scale, zero, sigmoid, soft };
}

/** The weights with every v hardened: up where v >= 0. */
export function hardWeights(rounding: Rounding, v: Float32Array, bits: number): Float32Array {
  const levels = levelsOf(bits);
  return v.map((value, i) => {
    const zero = rounding.zero[i] as number;
    const level = clampLevel((rounding.floor[i] as number) + (value >= 0 ? 1 : 0) + zero, levels);
    return Math.fround((level - zero) * (rounding.scale[i] as number));
  });
}

/** v at which h(v) is 0.99; h(-v) is then 0.01. */
const SETTLED = -log((ZETA - GAMMA) / (0.99 - GAMMA) - 1);

/** The share of rounding variables whose h lies outside 0.01..0.99. */
export function settledShare(v: Float32Array): number {
  let settled = 0;
  for (const value of v) if (value > SETTLED || value < -SETTLED) settled++;
  return settled / v.length;
}
