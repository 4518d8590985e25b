/**
 * What a person should know before believing a number: a schedule too short to settle, full precision that folding or
 * rewriting changed, a method that ends below nearest rounding.
 */
import type { ImageSet } from "../../data/images";
import type { Preprocessing } from "../../data/preprocess";
import type { Device } from "../../engine/device";
import type { Graph } from "../../graph/types";
import { agreement } from "../../network/evaluate";
import { METHOD_CATALOG } from "../../quantize/methods/catalog";
import { matchingRate } from "../recipe/presets";
import type { Recipe } from "../recipe/recipe";
import { scoreSome } from "./preprocessing-check";
import type { Accuracy } from "./report";

/** Percent of images that may change class by rounding errors alone. */
const TOLERANCE = 0.5;

/** Iterations x learning rate at which roundings settled in measurements, and the share of it from which on nothing is said. */
const [SETTLING_TRAVEL, NEARLY] = [20, 0.9];

/** Whether roundings have the way to settle: Adam moves a rounding variable by at most the learning rate an iteration. */
export function warnOfTravel({ method, iterations, learningRate }: Pick<Recipe, "method" | "iterations" | "learningRate">): string[] {
  const travel = iterations * learningRate;
  if (!METHOD_CATALOG[method].trains || method === "adaquant" || travel >= NEARLY * SETTLING_TRAVEL) return [];
  const rate = matchingRate(iterations);
  const needed = Math.ceil(SETTLING_TRAVEL / learningRate);
  const remedy =
    rate * iterations >= NEARLY * SETTLING_TRAVEL
      ? `a learning rate of ${rate}, or ${needed} iterations at this one`
      : `${Math.ceil(SETTLING_TRAVEL / rate)} iterations at a learning rate of ${rate}`;
  return [
    `${iterations} iterations x learning rate ${learningRate} = ${Number(travel.toPrecision(3))}, but roundings settled in measurements where the product was about ${SETTLING_TRAVEL}: many will only be decided when they are hardened, and accuracy may end below nearest rounding. Use ${remedy}.`,
  ];
}

/** Whether two versions of a network at full precision classify alike. */
export async function warnOfRewrite(
  device: Device,
  before: Graph,
  after: Graph,
  set: ImageSet,
  preprocessing: Preprocessing,
  what: string,
): Promise<string[]> {
  const [a, b] = [await scoreSome(device, before, set, preprocessing), await scoreSome(device, after, set, preprocessing)];
  const changed = 100 - agreement(a.predictions, b.predictions);
  if (changed <= TOLERANCE) return [];
  return [`${what} changed the full-precision class of ${changed.toFixed(1)} % of ${a.predictions.length} images.`];
}

/** A method should not lose to no method; half a point is noise. */
export function warnOfNearest(title: string, nearest: Accuracy, quantized: Accuracy): string[] {
  const field = quantized.top1 === null ? "agreement" : "top1";
  const loss = (nearest[field] as number) - (quantized[field] as number);
  if (loss <= TOLERANCE) return [];
  return [`The result is below nearest rounding: ${title} ends ${loss.toFixed(2)} points lower; try more iterations, more images or another method.`];
}
