/**
 * The words in which a recipe says how to quantize. Values without code, so that the schema, the page and the command
 * line can name every choice without loading what carries it out.
 */

/** How a scale is searched (scale.ts). */
export const SCALE_METHODS = ["mse", "max", "max_scale", "percentile"] as const;
export type ScaleMethod = (typeof SCALE_METHODS)[number];

/** One scale and zero point for each output channel, or one for the tensor. */
export const GRANULARITIES = ["channel", "tensor"] as const;
export type Granularity = (typeof GRANULARITIES)[number];

/** How the error of a unit's output is weighed (BRECQ, section 3.3, and the release's variants). */
export const LOSS_KINDS = ["mse", "fisher_diag", "fisher_diag_damped", "fisher_full"] as const;
export type LossKind = (typeof LOSS_KINDS)[number];

/** A unit's inputs while it is reconstructed: those of the network quantized so far (the release's `asym`), or of full precision. */
export const UNIT_INPUTS = ["quantized", "full"] as const;
export type UnitInputs = (typeof UNIT_INPUTS)[number];

/** How the learning rate falls towards 0 over the iterations. */
export const DECAYS = ["none", "linear", "cosine"] as const;
export type Decay = (typeof DECAYS)[number];

/** Each batch drawn anew, or all images once before any comes again. */
export const BATCHES = ["drawn", "shuffled"] as const;
export type Batches = (typeof BATCHES)[number];

/** How roundings are led from free to settled; the defaults are the published ones. */
export interface Annealing {
  readonly decay: Decay;
  /** Share of the iterations without the regularizer. */
  readonly warmup: number;
  /** The regularizer's exponent when it sets in, and at the end. */
  readonly from: number;
  readonly to: number;
  readonly batches: Batches;
}

export const PUBLISHED_ANNEALING: Annealing = { decay: "none", warmup: 0.2, from: 20, to: 2, batches: "drawn" };

/** Bits of the first and the last layer, unless they too take the common bit width. */
export const FIRST_LAST_BITS = 8 as const;

/** The widths of the first look at a network (first-look.ts). */
export const LOOKED_AT = [8, 4, 3, 2] as const;

/** An outlier channel reaches over more than so many times the median of its layer's channels: on a shared scale it would cost them two bits. */
export const OUTLIER_RANGE = 4;
