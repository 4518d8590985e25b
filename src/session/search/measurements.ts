/**
 * Where measured sensitivities are kept between searches. Entries go by name ("layer1.0/conv1@2"), so that a search over
 * other widths takes what it has in common with an earlier one; what else they depend on is the key.
 */

import type { FisherProfile } from "../../search/sensitivity/curvature";
import type { Measured } from "../../search/sensitivity/measure";
import type { Recipe } from "../recipe/recipe";
import { ARITHMETIC_VERSION } from "../share/arithmetic";
import type { SearchSettings } from "./settings";

export interface MeasurementStore {
  load(key: string): Promise<Measured | null>;
  save(key: string, measured: Measured): Promise<void>;
}

/** A measurement as plain data. */
export interface KeptMeasurement {
  readonly losses: Readonly<Record<string, number>>;
  readonly profiles: readonly FisherProfile[];
}

export function pack({ losses, profiles }: Measured): KeptMeasurement {
  return { losses: Object.fromEntries(losses), profiles: [...profiles] };
}

export function unpack({ losses, profiles }: KeptMeasurement): Measured {
  return { losses: new Map(Object.entries(losses)), profiles: [...profiles] };
}

/** What measurements depend on, as text. @param recipe with the hashes of its files */
export function measurementKey(recipe: Recipe, { measure }: Pick<SearchSettings, "measure">, device: string): string {
  const { model, calibration, preprocessing, weights, activations, seed } = recipe;
  const { scale, granularity, symmetric } = weights;
  const { iterations, learningRate, regularizer, annealing, batch, loss } = recipe;
  const trained = measure === "nearest" ? null : { iterations, learningRate, regularizer, annealing, batch, weighted: loss !== "mse" };
  return JSON.stringify([
    ARITHMETIC_VERSION,
    ...[model, calibration, preprocessing, scale, granularity, symmetric, activations?.scale ?? "mse"],
    ...[seed, measure, trained, device],
  ]);
}
