/**
 * The search for mixed precision as a run: measure the sensitivity table, search it under each limit, hand back
 * assignments that a recipe can carry. Everything streams: the table as it fills, the population as it moves. What was
 * measured is kept, so that a search that was stopped, or a page that was closed, goes on where it was.
 */

import { BadInput } from "../base/errors";
import { yieldToEvents } from "../engine/yield";
import type { Graph } from "../graph/types";
import { layersOf } from "../graph/walk";
import { partition } from "../passes/partition";
import type { FisherProfile } from "../search/curvature";
import { planEntries } from "../search/entries";
import { type Measured, measureSensitivity, nothingMeasured } from "../search/measure";
import type { SensitivityTable } from "../search/table";
import { type MeasurementStore, measurementKey } from "./measurement-store";
import type { Recipe } from "./recipe";
import { load, type RunOptions, stopIfAsked, upload } from "./run";
import type { SearchResult, TradeoffResult } from "./search-result";
import { type SearchSettings, searchedRecipe } from "./search-settings";
import { checkLimits, searchTradeoff, searchUnder } from "./search-under";

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
  const { settings, emit, signal } = options;
  emit({ type: "state", state: "loading" });
  const loaded = await load({ ...options, recipe: searchedRecipe(options.recipe, settings) });
  const { recipe, graph } = loaded;
  checkTable(settings.table, graph);
  const asked = { graph, settings, activations: recipe.activations?.bits ?? 32, seed: recipe.seed };
  checkLimits({ ...asked, table: settings.table ?? unmeasured(graph, recipe, settings) });
  const table = settings.table ?? (await measure(options, recipe, graph, loaded.calibration.set));
  emit({ type: "sensitivity", table, done: 1, total: 1 });
  stopIfAsked(signal);
  const site = { ...asked, table };
  const results: SearchResult[] = [];
  for (const limit of settings.limits) {
    const result = searchUnder(site, limit);
    results.push(result);
    emit({ type: "searched", result });
    await yieldToEvents();
    stopIfAsked(signal);
  }
  const tradeoff = settings.tradeoff && searchTradeoff(site, settings.tradeoff);
  if (tradeoff) emit({ type: "tradeoff", tradeoff });
  return { table, results, tradeoff };
}

/** The table that will be measured, without its losses. */
function unmeasured(graph: Graph, recipe: Recipe, settings: SearchSettings): SensitivityTable {
  const { bits, activations } = widthsOf(recipe, settings);
  return planEntries({ graph, segments: partition(graph, "block"), bits, ends: recipe.weights.ends, activations }).table(new Map());
}

/** The widths that are measured, ascending. */
function widthsOf({ activations }: Recipe, { bits, activationBits }: SearchSettings) {
  const ascending = (widths: readonly number[]) => [...widths].sort((a, b) => a - b);
  return {
    bits: ascending(bits),
    activations: activationBits && activations ? { bits: ascending(activationBits), ends: activations.ends, scale: activations.scale } : null,
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
  const key = measurementKey(recipe, settings, device.info.kind);
  const known: Measured = (await store?.load(key)) ?? nothingMeasured();
  const before = known.losses.size;
  const images = await upload(device, set, recipe, { streamed: 0 }, []);
  const { iterations, learningRate, regularizer, annealing, batch, weights, seed, loss } = recipe;
  const { bits: _bits, assignment: _assignment, ...grids } = weights;
  let saved = performance.now();
  let drawn: readonly FisherProfile[] = [];
  try {
    const table = await measureSensitivity({
      ...{ device, graph, images, seed, known },
      ...widthsOf(recipe, settings),
      weights: grids,
      training: settings.measure === "nearest" ? null : { iterations, learningRate, regularizer, annealing, batch, weighted: loss !== "mse" },
      async onEntry(now, done, total) {
        emit({ type: "sensitivity", table: now, done, total });
        const kept = before > 0 ? ", some kept from before" : "";
        emit({ type: "progress", text: `Measuring sensitivity, ${done} of ${total}${kept}`, fraction: done / total, secondsLeft: null });
        if (drawn.length !== known.profiles.length) {
          drawn = [...known.profiles];
          emit({ type: "fisher", profiles: drawn });
        }
        if (performance.now() - saved > SAVE_EVERY_MS) {
          await store?.save(key, known);
          saved = performance.now();
        }
        await yieldToEvents();
        stopIfAsked(signal);
      },
    });
    emit({ type: "fisher", profiles: [...known.profiles] });
    return table;
  } finally {
    await store?.save(key, known);
    images.dispose();
    device.dispose();
  }
}

const SAVE_EVERY_MS = 1000;

/** @throws BadInput where a table was measured on another network */
function checkTable(table: SensitivityTable | null, graph: Graph): void {
  const names = layersOf(graph).map(({ name }) => name);
  const at = table?.layers.findIndex(({ name }, i) => name !== names[i]) ?? -1;
  if (table && (at >= 0 || table.layers.length !== names.length))
    throw new BadInput(
      `The sensitivity table is of another network: it has ${table.layers.length} layers, ${graph.name} has ${names.length}; layer ${Math.max(at, 0) + 1} is "${table.layers[Math.max(at, 0)]?.name}" there and "${names[Math.max(at, 0)]}" here. Measure it anew.`,
    );
}
