/**
 * How wide the weights of each layer are. Most layers take the recipe's common width, the first and the last 8 bit; a
 * search assigns widths one by one; and over all of these stand overrides, by which a person says of layers by name or
 * pattern how wide they are, or that they stay in float.
 *
 * A layer in float is neither rounded nor trained: its kernel and bias are the full-precision network's, bit for bit, in the
 * result and in every export. A value that no other layer reads stays in float with it; one that a quantized layer reads too is
 * quantized (staysFloat in activation-bits.ts).
 */
import { BadInput } from "../base/errors";
import { nearest } from "../base/near";
import { shortName } from "../passes/short-name";
import { FIRST_LAST_BITS } from "./settings";

/** The width of what stays in float, wherever widths are numbers: in reports, costs, exports. */
export const FLOAT_BITS = 32;

export interface LayerOverride {
  /** A layer's name, its own or the short one, or a pattern in which each * stands for any characters. */
  readonly layers: string;
  /** 2 to 8, or float. */
  readonly bits: number | "float";
}

/** In the order in which they were given; of several that name a layer the last one counts. */
export type LayerOverrides = readonly LayerOverride[];

export interface WeightWidths {
  readonly bits: number;
  /** Bits of the first and the last layer, 8 by default; null gives them the common bit width. */
  readonly firstLastBits?: 8 | null | undefined;
  /** Bits of single layers, by name, where they are not the common ones: what a search for mixed precision found. */
  readonly assignment?: Readonly<Record<string, number>> | null | undefined;
  readonly overrides?: LayerOverrides | undefined;
}

/** Whether an override's pattern names a layer. */
export function names(pattern: string, layer: string): boolean {
  const short = shortName(layer);
  if (pattern === layer || pattern === short) return true;
  if (!pattern.includes("*")) return false;
  const parts = pattern.split("*").map((part) => part.replaceAll(/[\\^$.|?+()[\]{}]/g, "\\$&"));
  const glob = new RegExp(`^${parts.join(".*")}$`, "s");
  return glob.test(layer) || glob.test(short);
}

/** The width that overrides give a layer, FLOAT_BITS for float; null where none names it. */
export function overrideOf(layer: string, overrides: LayerOverrides = []): number | null {
  const found = overrides.findLast(({ layers }) => names(layers, layer));
  if (!found) return null;
  return found.bits === "float" ? FLOAT_BITS : found.bits;
}

export function isFloat(layer: string, overrides: LayerOverrides | undefined): boolean {
  return overrideOf(layer, overrides) === FLOAT_BITS;
}

/** Bits of a layer's weights, FLOAT_BITS for float. @param end whether it is the network's first or last layer */
export function widthOf(layer: string, end: boolean, { bits, firstLastBits = FIRST_LAST_BITS, assignment, overrides }: WeightWidths): number {
  return overrideOf(layer, overrides) ?? assignment?.[layer] ?? (end ? (firstLastBits ?? bits) : bits);
}

/** "4 bit", or "float". */
export function widthText(bits: number): string {
  return bits === FLOAT_BITS ? "float" : `${bits} bit`;
}

/**
 * @param layers names of the network's layers
 * @throws BadInput where an override names no layer, or where all layers are in float
 */
export function checkOverrides(network: string, layers: readonly string[], overrides: LayerOverrides = []): void {
  for (const { layers: pattern } of overrides) {
    if (layers.some((layer) => names(pattern, layer))) continue;
    const near = nearest(pattern, layers.map(shortName), 4);
    throw new BadInput(
      `A width is given to the layers "${pattern}", but no layer of ${network} is called so; names near to it are ${near.join(", ")}. Use a layer's name, or a pattern with * for any characters.`,
    );
  }
  if (layers.every((layer) => isFloat(layer, overrides)))
    throw new BadInput(
      `The overrides leave every layer of ${network} in float; there is nothing to quantize. Let one layer have a width of 2 to 8 bit.`,
    );
}
