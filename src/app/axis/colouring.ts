/**
 * What the network is coloured by: a value for each layer or unit, with its words and where it stands between least and most.
 * Bits have colours of their own; all else is one hue, from the ground to strong.
 */
import { LOOKED_AT } from "../../quantize/settings";
import { bitsOf, FLOAT_BITS, type LayerView, type NetworkView, type UnitView } from "../../session/network/view";
import type { Recipe } from "../../session/recipe/recipe";
import type { View } from "../state/view";

export const COLOURINGS = ["bits", "noise", "settled", "sensitivity", "rounding", "parameters", "macs"] as const;
export type Colouring = (typeof COLOURINGS)[number];

export interface Shade {
  readonly value: number;
  /** From 0 to 1; null where bits give the colour. */
  readonly share: number | null;
}

/** The value of each layer, by id; absent where there is none yet. */
export type Shades = ReadonlyMap<string, Shade>;

type Facts = Pick<View, "units" | "soFar" | "sensitivity" | "firstLook">;

/** The noise of a unit as last heard: in the quantized network where it is done, else of nearest rounding. */
export function unitNoise({ soFar }: Pick<View, "soFar">, name: string, method: "nearest" | "quantized"): number | null {
  return soFar.findLast((one) => one.name === name && one.method === method)?.noise ?? null;
}

export function shadesOf(colouring: Colouring, network: NetworkView, recipe: Pick<Recipe, "weights">, facts: Facts): Shades {
  const layers = network.units.flatMap((unit) => unit.layers.map((layer) => ({ unit, layer })));
  const values = layers.map(({ unit, layer }) => ({ id: layer.id, value: shadeValue(colouring, unit, layer, recipe, facts) }));
  const known = values.filter((one): one is { id: string; value: number } => one.value !== null);
  if (colouring === "bits") return new Map(known.map(({ id, value }) => [id, { value, share: null }]));
  // Sizes, losses and noise spread over orders of magnitude; shares and decibels do not.
  const logarithmic = !["settled", "rounding"].includes(colouring);
  const scaled = known.map(({ value }) => (logarithmic ? Math.log(Math.max(value, Number.MIN_VALUE)) : value)).filter(Number.isFinite);
  const [low, high] = [Math.min(...scaled), Math.max(...scaled)];
  return new Map(
    known.map(({ id, value }) => {
      const at = logarithmic ? Math.log(Math.max(value, Number.MIN_VALUE)) : value;
      return [id, { value, share: value <= 0 && logarithmic ? 0 : high > low ? Math.max(0, (at - low) / (high - low)) : 1 }];
    }),
  );
}

function shadeValue(colouring: Colouring, unit: UnitView, layer: LayerView, { weights }: Pick<Recipe, "weights">, facts: Facts): number | null {
  switch (colouring) {
    case "bits":
      return bitsOf(layer, weights);
    case "parameters":
      return layer.parameters;
    case "macs":
      return layer.macs;
    case "noise":
      return unitNoise(facts, unit.name, "quantized") ?? unitNoise(facts, unit.name, "nearest");
    case "settled":
      return facts.units.find(({ name, report }) => name === unit.name && report?.phase === "weights")?.report?.settled ?? null;
    case "rounding": {
      const bits = bitsOf(layer, weights);
      const column = LOOKED_AT.indexOf(bits as (typeof LOOKED_AT)[number]);
      const sqnr = facts.firstLook?.layers.find(({ name }) => name === layer.id)?.sqnr[column];
      // As noise over signal in percent; an exact layer has none.
      return bits === FLOAT_BITS || sqnr === null ? 0 : sqnr === undefined ? null : 100 * 10 ** (-sqnr / 10);
    }
    case "sensitivity": {
      const table = facts.sensitivity?.table;
      const entry = table?.layers.find(({ name }) => name === layer.id);
      if (!table || !entry || entry.fixed !== null) return null;
      // At the width that it has, else at the least one measured.
      const at = table.bits.indexOf(bitsOf(layer, weights));
      return entry.losses[at < 0 ? 0 : at] ?? null;
    }
  }
}
