/**
 * Presets: how many iterations a unit is trained for, at which learning rate and under which annealing.
 *
 * How far a rounding variable can travel is about iterations x learning rate; the published setting's 20 lets every
 * rounding settle, and keeping the product keeps the accuracy at a fraction of the work.
 */
import { type Annealing, PUBLISHED_ANNEALING } from "../../quantize/settings";

export interface Preset {
  readonly iterations: number;
  readonly learningRate: number;
  readonly annealing: Annealing;
  /** Training of activation scales (LSQ), where activations are quantized. */
  readonly activations: { readonly iterations: number; readonly learningRate: number };
}

export const PRESET_NAMES = ["published", "thorough", "balanced", "standard", "quick"] as const;
export type PresetName = (typeof PRESET_NAMES)[number];

/** The release's training of activation scales, and a short one that ends as well (docs/results/preset-default). */
const [RELEASED_SCALES, SHORT_SCALES] = [
  { iterations: 1000, learningRate: 4e-4 },
  { iterations: 200, learningRate: 2e-3 },
];

/**
 * What the page and the command line offer by name: the published schedule, two that keep its product of iterations and
 * rate, one that is no worse than `balanced` on every network measured at half its work, and the shortest, which was
 * searched for on the demo (docs/results/preset-search, docs/results/preset-default).
 */
export const PRESETS: Readonly<Record<PresetName, Preset>> = {
  published: { iterations: 20000, learningRate: 1e-3, annealing: PUBLISHED_ANNEALING, activations: { iterations: 5000, learningRate: 4e-4 } },
  thorough: { iterations: 2000, learningRate: 1e-2, annealing: PUBLISHED_ANNEALING, activations: RELEASED_SCALES },
  balanced: { iterations: 500, learningRate: 4e-2, annealing: PUBLISHED_ANNEALING, activations: RELEASED_SCALES },
  standard: { iterations: 250, learningRate: 2e-1, annealing: { ...PUBLISHED_ANNEALING, from: 10 }, activations: SHORT_SCALES },
  quick: { iterations: 150, learningRate: 3e-1, annealing: { ...PUBLISHED_ANNEALING, from: 10 }, activations: SHORT_SCALES },
};

/** The preset of a recipe that names none (docs/results/preset-default). Version 1 had `balanced`. */
export const DEFAULT_PRESET: PresetName = "standard";

/** A recipe's fields under a preset; activations that are not quantized stay so. */
export function presetFields<A extends object>(
  name: PresetName,
  activations: A | null | undefined,
): Omit<Preset, "activations"> & { readonly activations?: A & Preset["activations"] } {
  const { activations: scales, ...training } = PRESETS[name];
  return { ...training, ...(activations ? { activations: { ...activations, ...scales } } : {}) };
}

/** The weight of the regularizer that the release's driver takes for MobileNetV2, ten times that of other networks. */
export const DEPTHWISE_REGULARIZER = 0.1;

/**
 * Above this rate Adam overshoots: the demo at 2 bit and 20 iterations ends at chance with a rate of 1, and
 * at 90.8 % with 0.3.
 */
const HIGHEST_RATE = 0.3;

/** The learning rate that keeps the published product of iterations and rate, as far as Adam bears it. */
export function matchingRate(iterations: number): number {
  const { published } = PRESETS;
  return Math.min(HIGHEST_RATE, Number(((published.iterations * published.learningRate) / iterations).toPrecision(2)));
}
