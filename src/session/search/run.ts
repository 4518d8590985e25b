/**
 * The search for mixed precision as a run: measure the sensitivity table, search it under each limit, hand back
 * assignments that a recipe can carry. Everything streams: the table as it fills, the population as it moves. What was
 * measured is kept, so that a search that was stopped, or a page that was closed, goes on where it was.
 */

import { BadInput } from "../../base/errors";
import type { DatasetTensor } from "../../engine/device";
import { yieldToEvents } from "../../engine/yield";
import { layersOf } from "../../graph/queries";
import type { Graph } from "../../graph/types";
import { partition } from "../../passes/partition";
import { overrideOf } from "../../quantize/layer-widths";
import type { FisherProfile } from "../../search/sensitivity/curvature";
import { planEntries } from "../../search/sensitivity/entries";
import { type Measured, measureSensitivity, nothingMeasured } from "../../search/sensitivity/measure";
import { fixedAt, type SensitivityTable } from "../../search/sensitivity/table";
import { InputCache } from "../inputs/cache";
import { load } from "../inputs/load";
import { upload } from "../inputs/upload";
import { viewNetwork } from "../network/build";
import type { Recipe } from "../recipe/recipe";
import { workingUnit } from "../recipe/recipe";
import type { RunOptions } from "../run/run";
import { stopIfAsked } from "../run/stop";
import { type MeasurementStore, measurementKey } from "./measurements";
import type { SearchResult, TradeoffResult } from "./result";
import { type SearchSettings, searchedRecipe, settledSettings } from "./settings";
import { patchOf } from "./table-patch";
import { checkLimits, Fronts, searchTradeoff, searchUnder } from "./under";

export interface SearchOptions extends RunOptions {
  readonly settings: SearchSettings;
  /** Keeps measurements between searches; null keeps none. */
  readonly store: MeasurementStore | null;
}

export interface SearchOutcome {
  readonly table: SensitivityTable;
  readonly results: readonly SearchResult[];
  readonly tradeoff: TradeoffResult | null;
}

export async function runSearch(options: SearchOptions): Promise<SearchOutcome> {
  const { emit, signal } = options;
  const settings = settledSettings(options.settings);
  emit({ type: "state", state: "loading" });
  const loaded = await load({
    ...options,
    inputs: options.inputs ?? new InputCache(),
    recipe: searchedRecipe(options.recipe, settings),
  });
  const { recipe, graph } = loaded;
  // The check that would have drawn it may have given way to this search.
  emit({ type: "network", network: viewNetwork(graph, workingUnit(recipe), recipe.weights) });
  const given = settings.table && checkTable(settings.table, graph, recipe);
  const asked = { graph, settings, weights: recipe.weights, activations: recipe.activations, seed: recipe.seed };
  checkLimits({ ...asked, table: given ?? unmeasured(graph, recipe, settings) });
  const table = given ?? (await measure({ ...options, settings }, recipe, graph, loaded.calibration.set));
  emit({ type: "sensitivity", table, done: 1, total: 1 });
  stopIfAsked(signal);
  const breathe = async () => {
    await yieldToEvents();
    stopIfAsked(signal);
  };
  const context = { ...asked, table, breathe };
  const fronts = new Fronts();
  const results: SearchResult[] = [];
  for (const limit of settings.limits) {
    const result = await searchUnder(context, limit, fronts);
    results.push(result);
    emit({ type: "searched", result });
    await breathe();
  }
  const tradeoff = settings.tradeoff && searchTradeoff(context, settings.tradeoff);
  if (tradeoff) emit({ type: "tradeoff", tradeoff });
  return { table, results, tradeoff };
}

/** The table that will be measured, without its losses. */
function unmeasured(graph: Graph, recipe: Recipe, settings: SearchSettings): SensitivityTable {
  const { bits, activations } = widthsOf(recipe, settings);
  return planEntries({ graph, segments: partition(graph, "block"), bits, weights: recipe.weights, activations }).table(new Map());
}

/** The widths that are measured, ascending. */
function widthsOf({ activations }: Recipe, { bits, activationBits }: SearchSettings) {
  const ascending = (widths: readonly number[]) => [...widths].sort((a, b) => a - b);
  return {
    bits: ascending(bits),
    activations:
      activationBits && activations ? { bits: ascending(activationBits), lastInputBits: activations.lastInputBits, scale: activations.scale } : null,
  };
}

async function measure(
  { settings, openDevice, emit, signal, store }: SearchOptions,
  recipe: Recipe,
  graph: Graph,
  set: Parameters<typeof upload>[1],
): Promise<SensitivityTable> {
  const { device, reason } = await openDevice();
  emit({ type: "device", kind: device.info.kind, description: device.info.description, reason });
  emit({ type: "state", state: "calibrating" });
  const tensors: DatasetTensor[] = [];
  const key = measurementKey(recipe, settings, device.info.kind);
  let known: Measured | null = null;
  const { iterations, learningRate, regularizer, annealing, batch, weights, seed, loss } = recipe;
  const { bits: _bits, assignment: _assignment, ...layerQParams } = weights;
  let saved = performance.now();
  let drawn: readonly FisherProfile[] = [];
  let shown: SensitivityTable | null = null;
  const breathe = async () => {
    await yieldToEvents();
    stopIfAsked(signal);
  };
  try {
    known = (await store?.load(key)) ?? nothingMeasured();
    const { losses, profiles } = known;
    const kept = losses.size > 0 ? ", resumed" : "";
    const images = await upload(device, set, recipe.preprocessing, { streamed: 0 }, tensors);
    const table = await measureSensitivity({
      ...{ device, graph, images, seed, known: { losses, profiles } },
      ...widthsOf(recipe, settings),
      weights: layerQParams,
      training: settings.measure === "nearest" ? null : { iterations, learningRate, regularizer, annealing, batch, weighted: loss !== "mse" },
      breathe,
      async onEntry(now, done, total) {
        stopIfAsked(signal);
        if (shown) emit({ type: "measured", patch: patchOf(shown, now), done, total });
        else emit({ type: "sensitivity", table: now, done, total });
        shown = now;
        emit({ type: "progress", text: `Measuring sensitivity, ${done} of ${total}${kept}`, fraction: done / total, secondsLeft: null });
        if (drawn.length !== profiles.length) {
          drawn = [...profiles];
          emit({ type: "fisher", profiles: drawn });
        }
        if (performance.now() - saved > SAVE_EVERY_MS) {
          await store?.save(key, { losses, profiles });
          saved = performance.now();
        }
        await breathe();
      },
    });
    emit({ type: "fisher", profiles: [...profiles] });
    return table;
  } finally {
    if (known) await store?.save(key, known);
    for (const tensor of tensors) tensor.dispose();
    device.dispose();
  }
}

const SAVE_EVERY_MS = 1000;

/** The table with the recipe's overridden layers fixed. @throws BadInput where it was measured on another network, or lacks their widths */
function checkTable(table: SensitivityTable, graph: Graph, { weights }: Recipe): SensitivityTable {
  const names = layersOf(graph).map(({ name }) => name);
  const theirs = table.layers.map(({ name }) => name);
  const at = Array.from({ length: Math.max(names.length, theirs.length) }, (_, i) => i).find((i) => names[i] !== theirs[i]);
  if (at === undefined) {
    // First and last layer may be fixed for themselves; any other only by an override.
    const ends = [names[0], names.at(-1)];
    return fixedAt(table, (name) => overrideOf(name, weights.overrides) ?? (ends.includes(name) ? undefined : null));
  }
  const called = (name: string | undefined) => (name === undefined ? "missing" : `"${name}"`);
  throw new BadInput(
    `The sensitivity table is of another network: it has ${theirs.length} layers, ${graph.name} has ${names.length}; layer ${at + 1} is ${called(theirs[at])} there and ${called(names[at])} here. Measure it anew.`,
  );
}
