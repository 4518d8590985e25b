/** Quantization, and its search for mixed precision. */
import { artifactOf, type QuantizedArtifact } from "../export/artifact";
import { GENETIC_DEFAULTS, type GeneticOptions } from "../search/allocation/genetic";
import type { SensitivityTable } from "../search/sensitivity/table";
import type { Recipe } from "../session/recipe/recipe";
import type { Report } from "../session/run/report";
import { runRecipe } from "../session/run/run";
import { type CostOptions, distinctLimits, parseLimit } from "../session/search/limit";
import { type SearchResult, withBits } from "../session/search/result";
import { runSearch } from "../session/search/run";
import { SEARCH_DEFAULTS, type SearchSettings, searchedRecipe, settledSettings } from "../session/search/settings";
import { Handles } from "./given";
import { NETWORKS, type Network } from "./network";
import { platform } from "./platform";
import { type RunInputs, runOf } from "./settings";

/** A quantized network: its report, and what exports and predictions are made from. */
export interface Quantized {
  /** Accuracies, losses by unit, warnings, the recipe with the hashes of its files, and the fingerprint of the result. */
  readonly report: Report;
}

export interface QuantizedParts {
  readonly artifact: QuantizedArtifact;
  readonly network: Network;
}

export const QUANTIZED: Handles<Quantized, QuantizedParts> = new Handles("quantize");

/**
 * Quantizes a network: measures full precision and rounding to nearest, quantizes by the method of the settings (BRECQ without
 * one) and measures again. The same settings give the same bits on the device "wasm", in Node and in every browser.
 *
 * @throws {@link BadInput} where images do not fit the network, or settings are not allowed
 * @throws {@link Cancelled} where the signal stops it
 */
export async function quantize(given: RunInputs): Promise<Quantized> {
  const run = runOf(given);
  let artifact: QuantizedArtifact | null = null;
  const report = await runRecipe({
    ...run,
    openDevice: () => platform().openDevice(run.recipe),
    inputs: NETWORKS.of(given.network).inputs,
    keep: (network, own, evidence) => {
      artifact = artifactOf(network, own, evidence);
    },
  });
  if (!artifact) throw new Error("The run kept no network");
  return QUANTIZED.make({ report }, { artifact, network: given.network });
}

export interface SearchInputs extends RunInputs {
  /** Each as the command line takes it: "size=100kB", "size=3bit", "size=2bit+10%", "bitops=0.4GBOPs", "latency:fpga=1.5ms". */
  readonly limits: readonly string[];
  /** Widths of weights to choose from: 2, 4 and 8 without it. */
  readonly bits?: readonly number[];
  /** Widths of activations to choose from; as the settings have them without it. */
  readonly activationBits?: readonly number[];
  /** Sensitivity of layers that are reconstructed at each width (without it), or of rounding to nearest for a quick look. */
  readonly measure?: SearchSettings["measure"];
  readonly genetic?: Partial<Omit<GeneticOptions, "seed">>;
  /** Of the modelled accelerator, or a table of one's own. */
  readonly costs?: CostOptions;
  /** A table that an earlier search measured: nothing is measured again. */
  readonly table?: SensitivityTable;
}

export interface FoundAssignment extends SearchResult {
  /** The settings with the widths that were found: give it to {@link quantize} as `recipe`. */
  readonly recipe: Recipe;
}

/**
 * Searches bit widths of layers under limits: measures what each layer, and each pair of layers of a block, costs the network
 * at each width, and finds the assignment of least predicted loss under each limit.
 */
export async function search(given: SearchInputs): Promise<{ readonly table: SensitivityTable; readonly results: readonly FoundAssignment[] }> {
  const { limits, bits, activationBits, measure = "reconstructed", genetic, costs = {}, table = null, ...inputs } = given;
  const settings = settledSettings({
    ...SEARCH_DEFAULTS,
    limits: distinctLimits(limits.map(parseLimit)),
    bits: bits ?? SEARCH_DEFAULTS.bits,
    activationBits: activationBits ?? null,
    ...{ measure, costs, table, tradeoff: null },
    genetic: { ...GENETIC_DEFAULTS, ...genetic },
  });
  const run = runOf(inputs);
  const recipe = searchedRecipe(run.recipe, settings);
  const outcome = await runSearch({
    ...{ ...run, recipe, settings, store: null },
    openDevice: () => platform().openDevice(recipe),
    inputs: NETWORKS.of(given.network).inputs,
  });
  return { table: outcome.table, results: outcome.results.map((result) => ({ ...result, recipe: withBits(recipe, result.assignment) })) };
}
