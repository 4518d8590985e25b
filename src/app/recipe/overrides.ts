/** Widths of single layers in a recipe's weights, put in and taken out. */
import type { LayerOverride, LayerOverrides } from "../../quantize/layer-widths";
import type { Recipe } from "../../session/recipe/recipe";

type Weights = Recipe["weights"];

/** What a layer's width may be chosen from, as a form's values. */
export const OVERRIDE_WIDTHS: readonly string[] = ["2", "3", "4", "5", "6", "7", "8", "float"];

export function bitsFrom(text: string): LayerOverride["bits"] {
  return text === "float" ? "float" : Number(text);
}

/** The weights with these overrides; without the field where there are none. */
export function withOverrides({ overrides: _old, ...weights }: Weights, overrides: LayerOverrides): Weights {
  return overrides.length > 0 ? { ...weights, overrides } : weights;
}

/** The weights with an override for just these layers, after all others, in place of the one that was there; null takes it out. */
export function withOverride(weights: Weights, layers: string, bits: LayerOverride["bits"] | null): Weights {
  const others = (weights.overrides ?? []).filter((one) => one.layers !== layers);
  return withOverrides(weights, bits === null ? others : [...others, { layers, bits }]);
}
