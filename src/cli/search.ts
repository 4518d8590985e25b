/**
 * `brecq-lab search`: measures sensitivity, searches mixed precision under a limit, quantizes with what was found and
 * writes report.json. Under several limits it compares them, and uniform widths, as an experiment over seeds.
 */
import { appendFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { BadInput } from "../base/errors";
import { sweepChart } from "../charts/sweep";
import { HOST_MEMORY, openDevice } from "../node/device";
import { FPGA_RANGES, type FpgaOptions } from "../search/allocation/costs/fpga";
import { parseTable } from "../search/sensitivity/parse-table";
import { parseExperiment } from "../session/experiments/experiment";
import { rankingOf, sweepMarkdown, sweepOf } from "../session/experiments/sweep";
import { withOrigins } from "../session/inputs/origins";
import type { Sources } from "../session/inputs/sources";
import type { Recipe } from "../session/recipe/recipe";
import { runRecipe } from "../session/run/run";
import { distinctLimits, parseLimit } from "../session/search/limit";
import { assignmentText, type SearchResult, withBits } from "../session/search/result";
import { runSearch, type SearchOutcome } from "../session/search/run";
import { SEARCH_DEFAULTS, type SearchSettings, searchedRecipe, settledSettings } from "../session/search/settings";
import { checkpointsOf, forget, measurementsOf, sayHowToGoOn } from "./checkpoints";
import { runComparison } from "./compare";
import { planExports } from "./export";
import { checkWritable, readText } from "./files";
import { readJson, sourcesOf } from "./inputs";
import { inputOf } from "./model-input";
import { type QuantizeOptions, recipeOf } from "./options";
import { withPreset } from "./preprocessing";
import { summary, TerminalProgress } from "./terminal";

export interface SearchOptions extends QuantizeOptions {
  readonly limit: string[];
  readonly bits?: number[];
  readonly measure?: string;
  readonly costs?: string;
  readonly table?: string;
  readonly saveTable?: string;
  readonly population?: number;
  readonly generations?: number;
  readonly mutation?: number;
  readonly seeds?: number[];
  readonly random?: number;
  readonly hawq?: boolean;
  readonly activationBits?: number[];
  readonly keep?: string;
  readonly fpga?: string;
}

export async function search(model: string | undefined, given: SearchOptions): Promise<void> {
  const options = await withPreset(given, () => inputOf(model, given));
  const settings = settledSettings(await settingsOf(options));
  const many = settings.limits.length > 1 || options.random || options.hawq || options.seeds;
  if (many && !options.out) throw new BadInput("What is compared goes into a folder of results: say where with --out DIR.");
  if (many && options.export.length > 0)
    throw new BadInput("--export writes one network, but several are compared here; leave it out, or search under one limit without --seeds.");
  for (const file of [options.saveTable, many ? undefined : options.out]) await checkWritable(file);
  const exports = await planExports(options);
  const named = searchedRecipe(recipeOf(model, options, null), settings);
  const checkpoints = checkpointsOf(options);
  const controller = new AbortController();
  process.once("SIGINT", () => controller.abort());
  const progress = new TerminalProgress(process.stderr);
  const sources = await sourcesOf(model, options);
  const recipe = withOrigins(named, sources);
  const common = {
    sources,
    signal: controller.signal,
    hostMemory: HOST_MEMORY,
    checkpoints,
    emit: (event: Parameters<typeof progress.handle>[0]) => progress.handle(event),
  };
  try {
    const store = measurementsOf(options);
    const found = await runSearch({ ...common, recipe, settings, store, openDevice: () => openDevice(recipe) });
    if (options.saveTable) await writeFile(options.saveTable, `${JSON.stringify(found.table, null, 2)}\n`);
    for (const result of found.results) console.log(resultText(result));
    if (!many) {
      const result = found.results[0] as SearchResult;
      const own = withBits(recipe, result.assignment);
      const report = await runRecipe({ ...common, recipe: own, openDevice: () => openDevice(own), keep: exports.keep });
      const { assignment, cost, predictedLoss, history: _history, ...rest } = result;
      progress.stop();
      if (options.out)
        await writeFile(
          options.out,
          `${JSON.stringify({ ...report, assignment, cost, predictedLoss, search: rest, tradeoff: found.tradeoff, sensitivity: found.table }, null, 2)}\n`,
        );
      console.log(summary(report));
      await exports.write(found.table);
    } else await compareLimits(recipe, options, sources, found);
    await forget(checkpoints, options);
  } catch (error) {
    sayHowToGoOn(error, checkpoints);
    throw error;
  } finally {
    progress.stop();
  }
}

async function settingsOf(options: SearchOptions): Promise<SearchSettings> {
  if (!options.limit?.length)
    throw new BadInput("A search needs a limit: --limit size=100kB (or bitops=…, latency:fpga=…, size=3bit); repeat it to compare several.");
  const measure = options.measure ?? "reconstructed";
  if (measure !== "nearest" && measure !== "reconstructed") throw new BadInput(`--measure ${measure} is unknown; choose nearest or reconstructed.`);
  const contradicted = options.table && (["bits", "activationBits", "measure"] as const).find((name) => options[name] !== undefined);
  if (contradicted)
    throw new BadInput(
      `The table ${options.table} says what was measured at which widths; leave out --${contradicted === "activationBits" ? "activation-bits" : contradicted}.`,
    );
  const bits = options.bits ?? SEARCH_DEFAULTS.bits;
  for (const [flag, list] of [
    ["--bits", bits],
    ["--activation-bits", options.activationBits ?? [8]],
  ] as const)
    if (list.length === 0 || !list.every((width) => Number.isInteger(width) && width >= 2 && width <= 8))
      throw new BadInput(`${flag} ${list.join(",")} must be integers from 2 to 8, for example 2,4,8.`);
  const { population, generations, mutation } = options;
  const given = Object.fromEntries(Object.entries({ population, generations, mutation }).filter(([, value]) => value !== undefined));
  const text = options.costs ? await readText(options.costs, "a cost table, CSV or JSON") : null;
  return {
    limits: distinctLimits(options.limit.map(parseLimit)),
    bits,
    activationBits: options.activationBits ?? null,
    measure,
    genetic: { ...SEARCH_DEFAULTS.genetic, ...given },
    costs: { fpga: fpgaOf(options.fpga), table: text === null ? null : { text, name: basename(options.costs as string) } },
    tradeoff: SEARCH_DEFAULTS.tradeoff,
    table: options.table ? parseTable(await readJson(options.table, "a sensitivity table"), options.table) : null,
  };
}

/** "rows=32,bandwidth=16" as the accelerator's settings. */
function fpgaOf(text: string | undefined): Partial<FpgaOptions> {
  if (!text) return {};
  const names = Object.keys(FPGA_RANGES);
  return Object.fromEntries(
    text.split(",").map((part) => {
      const [name = "", value = ""] = part.split("=");
      if (!names.includes(name)) throw new BadInput(`--fpga ${part} is not a setting; expected for example rows=32 with one of ${names.join(", ")}.`);
      const [low, high, whole] = FPGA_RANGES[name as keyof FpgaOptions];
      if (!(Number(value) >= low && Number(value) <= high) || (whole && !Number.isInteger(Number(value))))
        throw new BadInput(`--fpga ${part}: expected ${whole ? "an integer" : "a number"} from ${low} to ${high}.`);
      return [name, Number(value)];
    }),
  );
}

function resultText(result: SearchResult): string {
  const { limit, cost, predictedLoss, optimum, tooLarge, greedy, hawq, milliseconds, binding } = result;
  const of = (value: number) => `${Number(value.toPrecision(4))} ${limit.unit}`;
  const best = optimum
    ? `, optimum ${optimum.predictedLoss.toPrecision(4)}`
    : tooLarge
      ? `, no exact optimum: the space is too large, ${tooLarge}`
      : "";
  const theirs = hawq ? `, HAWQ-V2 ${hawq.predictedLoss.toPrecision(4)}` : "";
  const loose = binding ? "" : "\n  This limit binds nothing: everything at its widest keeps it.";
  return `${limit.cost} at most ${of(limit.value)}: ${of(cost)}, predicted loss ${predictedLoss.toPrecision(4)} (greedy ${greedy ? greedy.predictedLoss.toPrecision(4) : "none"}${theirs}${best}), ${milliseconds.toFixed(0)} ms\n  ${assignmentText(result.assignment)}${loose}`;
}

/** What was found, every uniform width and, on request, HAWQ-V2's choices and random ones, reconstructed over seeds. */
async function compareLimits(recipe: Recipe, options: SearchOptions, sources: Sources, outcome: SearchOutcome): Promise<void> {
  const folder = options.out as string;
  const sweep = sweepOf(outcome, { hawq: options.hawq === true, random: options.random ?? 0, seed: recipe.seed });
  const value = { ...sweep.experiment, recipe: {}, ...(options.seeds ? { seeds: options.seeds } : {}) };
  const rows = await runComparison(parseExperiment(value, "search", recipe as unknown as Record<string, unknown>), folder, sources);
  const chart = sweepChart(sweep, rows);
  await appendFile(join(folder, "results.md"), `\n${sweepMarkdown(sweep, rows)}${chart ? "\n![Accuracy against cost](sweep.svg)\n" : ""}`);
  if (chart) await writeFile(join(folder, "sweep.svg"), chart.svg);
  const ranking = rankingOf(sweep, rows);
  if (ranking) console.log(`Spearman correlation over ${ranking.count} random assignments: ${ranking.correlation.toFixed(3)}`);
}
