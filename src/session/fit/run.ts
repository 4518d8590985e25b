/**
 * A fit: a goal instead of settings. Sensitivity is measured, the front of size and predicted loss is searched, a few
 * candidates are reconstructed and evaluated like any run, and the best of them is the result: an ordinary recipe with its
 * report, which can be run again, shared and exported.
 *
 * Candidates share what they can: images, the full-precision network, and every unit that was reconstructed before with
 * the same widths on the same inputs. Whoever listens hears each try as a run of its own, between `fit` events that say
 * which; where the best was not the last, what it told is told again at the end, so that what is shown is the result.
 */
import { BadInput, Cancelled } from "../../base/errors";
import { workTime, yieldToEvents } from "../../engine/yield";
import type { Evidence } from "../../export/artifact";
import { sizeText } from "../../export/proof/text";
import type { Graph } from "../../graph/types";
import type { QuantizedNetwork } from "../../quantize/methods/method";
import { networkBytes } from "../../quantize/size";
import { UnitCache } from "../../quantize/unit-cache";
import type { SensitivityTable } from "../../search/sensitivity/table";
import { InputCache } from "../inputs/cache";
import { type Loaded, load } from "../inputs/load";
import type { Recipe } from "../recipe/recipe";
import type { Report } from "../run/report";
import { type Inspectable, type RunOptions, runRecipe } from "../run/run";
import { stopIfAsked } from "../run/stop";
import { type Verdict, verdictOf } from "../run/verdict";
import type { MeasurementStore } from "../search/measurements";
import { runSearch } from "../search/run";
import { SEARCH_DEFAULTS } from "../search/settings";
import type { LabEvent } from "../worker/events";
import { Frontier } from "./frontier";
import type { SettledGoal } from "./goal";
import { FitProgress } from "./progress";
import { checkFitSettings, type FitSettings, triedRecipe } from "./settings";
import { type Candidate, candidateRecipe, type FitStage, type FitState, type FitVerdict, type TriedCandidate } from "./state";
import { bestOf, candidatesWithin, nextWithin } from "./strategy";
import { fitWork } from "./work";

export interface FitOptions extends Omit<RunOptions, "openDevice" | "units"> {
  readonly settings: FitSettings;
  openDevice(recipe: Recipe): ReturnType<RunOptions["openDevice"]>;
  /** Keeps measurements between fits and searches; null keeps none. */
  readonly store: MeasurementStore | null;
}

export interface FitOutcome {
  /** Of the best candidate: what an ordinary run of its recipe gives. */
  readonly report: Report;
  readonly verdict: FitVerdict;
  /** Smallest first: what was reconstructed, and uniform widths that were only looked at. */
  readonly tried: readonly TriedCandidate[];
  readonly table: SensitivityTable;
  readonly seconds: number;
}

/** A candidate that has been run, and all that is told of it. */
interface Try {
  readonly report: Report;
  readonly verdict: Verdict;
  readonly network: QuantizedNetwork;
  readonly evidence: Evidence;
  readonly inspectable: Inspectable;
  readonly events: readonly LabEvent[];
}

/** @throws BadInput where no widths are small enough, before anything is measured; Cancelled, with the best so far handed to `keep` */
export async function runFit(given: FitOptions): Promise<FitOutcome> {
  return new Fit({ ...given, inputs: given.inputs ?? new InputCache() }).run();
}

class Fit {
  private readonly started = workTime();
  private readonly units = new UnitCache();
  private readonly recipe: Recipe;
  private tried: TriedCandidate[] = [];
  /** The best so far, and its verdict. */
  private best: Try | null = null;
  private last: Try | null = null;
  private goal: SettledGoal;

  constructor(private readonly options: FitOptions & { readonly inputs: InputCache }) {
    const { settings, recipe } = options;
    checkFitSettings(settings);
    this.recipe = triedRecipe(recipe, settings);
    // Until widths are known, a goal in bits stands for no bytes.
    this.goal =
      settings.goal.kind === "loss" ? settings.goal : { kind: "size", bytes: typeof settings.goal.limit === "number" ? settings.goal.limit : 0 };
  }

  async run(): Promise<FitOutcome> {
    const { settings, emit } = this.options;
    emit({ type: "state", state: "loading" });
    const loaded = await load({ ...this.options, recipe: this.recipe });
    this.checkSize(loaded.graph);
    const { judged, calibration } = loaded;
    const work = fitWork(loaded.graph, this.recipe, settings, { images: calibration.set.count, evaluation: judged.count });
    const progress = new FitProgress(work, settings.tries, emit);
    this.tell("sensitivity");
    const table = await this.measure(progress);
    this.tell("search");
    const frontier = await this.frontier(loaded, table);
    try {
      await this.tryAll(frontier, progress);
    } catch (error) {
      if (error instanceof Cancelled && this.best) this.handBack("cancelled", this.best, frontier);
      throw error;
    }
    if (!this.best) throw new Error("The fit tried no candidate");
    const verdict = this.handBack("done", this.best, frontier);
    emit({ type: "state", state: "done" });
    return { report: this.best.report, verdict, tried: this.tried, table, seconds: (workTime() - this.started) / 1000 };
  }

  /** @throws BadInput where even the narrowest widths are too large, which needs no measurement */
  private checkSize(graph: Graph): void {
    const { goal, bits, table } = this.options.settings;
    if (goal.kind !== "size" || typeof goal.limit !== "number") return;
    const { weights } = this.recipe;
    const least = networkBytes(graph, { ...weights, bits: Math.min(...(table?.bits ?? bits)) });
    if (least > goal.limit)
      throw new BadInput(
        `${graph.name} does not fit in ${sizeText(goal.limit)}: with every layer at its narrowest it takes ${sizeText(least)}, scales, zero points and biases included. Allow at least that${weights.firstLastBits === null ? "" : ", or let the first and the last layer have the common width"}.`,
      );
  }

  private async measure(progress: FitProgress): Promise<SensitivityTable> {
    const { settings, store, openDevice } = this.options;
    progress.begin("sensitivity", settings.tries, "");
    const { table } = await runSearch({
      ...this.options,
      ...{ recipe: this.recipe, store, openDevice: () => openDevice(this.recipe) },
      settings: { ...SEARCH_DEFAULTS, limits: [], tradeoff: null, bits: settings.bits, measure: settings.measure, table: settings.table },
      emit: (event) => {
        if (event.type === "progress") progress.advance(event);
        else this.options.emit(event);
      },
    });
    return table;
  }

  private async frontier({ graph }: Loaded, table: SensitivityTable): Promise<Frontier> {
    const { weights, seed } = this.recipe;
    const { signal, settings } = this.options;
    const breathe = async () => {
      await yieldToEvents();
      stopIfAsked(signal);
    };
    const frontier = await Frontier.of({ graph, table, weights, seed, breathe });
    if (settings.goal.kind === "size") this.goal = { kind: "size", bytes: frontier.bytesOf(settings.goal.limit) };
    this.tried = inOrder(frontier.uniform().map((candidate) => ({ ...candidate, measured: null })));
    return frontier;
  }

  private async tryAll(frontier: Frontier, progress: FitProgress): Promise<void> {
    const { tries } = this.options.settings;
    if (this.goal.kind === "size") {
      const candidates = candidatesWithin(frontier, this.goal.bytes, tries);
      if (!candidates)
        throw new BadInput(`Nothing of these widths fits in ${sizeText(this.goal.bytes)}; the smallest takes ${sizeText(frontier.smallest.size)}.`);
      for (const [i, candidate] of candidates.entries()) await this.attempt(candidate, progress, i, candidates.length);
      return;
    }
    for (let i = 0; ; i++) {
      const next = nextWithin(frontier, this.goal.points, this.tried, tries);
      if (!next) return;
      await this.attempt(next, progress, i, tries);
    }
  }

  /** Reconstructs and evaluates one candidate. */
  private async attempt(candidate: Candidate, progress: FitProgress, index: number, most: number): Promise<void> {
    const { emit, openDevice } = this.options;
    const isSame = (other: Candidate) => other.size === candidate.size && other.kind === candidate.kind;
    if (!this.tried.some(isSame)) this.tried = inOrder([...this.tried, { ...candidate, measured: null }]);
    const at = () => this.tried.findIndex(isSame);
    this.tell("trying", at(), most);
    progress.begin("try", most - index, most === 1 ? "" : `Try ${index + 1} of ${this.goal.kind === "loss" ? "at most " : ""}${most}: `);
    const events: LabEvent[] = [];
    const recipe = candidateRecipe(this.recipe, candidate);
    let kept: Pick<Try, "network" | "evidence" | "inspectable"> | null = null;
    const start = workTime();
    const report = await runRecipe({
      ...this.options,
      ...{ recipe, units: this.units, openDevice: () => openDevice(recipe) },
      keep: (network, _report, evidence, inspectable) => {
        kept = { network, evidence, inspectable };
      },
      emit: (event) => {
        if (event.type === "progress") return progress.advance(event);
        // The fit is done when its last try is.
        if (event.type === "done" || (event.type === "state" && event.state === "done")) return;
        if (isLasting(event)) events.push(event);
        emit(event);
      },
    });
    if (!kept) throw new Error("The run kept no network");
    const own: Try = { report, verdict: verdictOf(report), events, ...(kept as Pick<Try, "network" | "evidence" | "inspectable">) };
    const lost = own.verdict.lost;
    const meets = this.goal.kind === "size" ? candidate.size <= this.goal.bytes : lost.quantized <= this.goal.points + 1e-9;
    const weightUnits = report.units.filter(({ phase }) => phase === "weights");
    const measured: TriedCandidate["measured"] = {
      ...{ accuracy: report.accuracy.quantized, lost, meets, seconds: (workTime() - start) / 1000 },
      reused: [weightUnits.filter(({ reused }) => reused).length, weightUnits.length],
      rounding: report.fingerprint.rounding,
    };
    this.tried = this.tried.map((one, i) => (i === at() ? { ...one, measured } : one));
    this.last = own;
    if (bestOf(this.tried, this.goal.kind) === at()) this.best = own;
    this.tell("trying", null, most);
  }

  /** Tells the best candidate's run as the result. */
  private handBack(stage: "done" | "cancelled", best: Try, frontier: Frontier): FitVerdict {
    const { emit, keep } = this.options;
    if (best !== this.last) for (const event of best.events) emit(event);
    keep?.(best.network, best.report, best.evidence, best.inspectable);
    emit({ type: "done", report: best.report });
    const measured = this.tried.filter((one) => one.measured !== null);
    const at = bestOf(this.tried, this.goal.kind) as number;
    const verdict: FitVerdict = {
      kind: this.tried[at]?.measured?.meets ? "met" : "missed",
      ...{ goal: this.goal, best: best.verdict, tried: measured.length },
      binding: this.goal.kind === "loss" || frontier.largest.size > this.goal.bytes,
    };
    this.tell(stage, null, measured.length, verdict);
    return verdict;
  }

  private tell(stage: FitStage, current: number | null = null, most = this.options.settings.tries, verdict: FitVerdict | null = null): void {
    const { goal, tried, best } = this;
    const state: FitState = { stage, goal, measure: best?.verdict.measure ?? null, tried, current, most, best: bestOf(tried, goal.kind), verdict };
    this.options.emit({ type: "fit", fit: state });
  }
}

/** What is told again where an earlier try was the best: its results, but not how it came to them. */
function isLasting({ type }: LabEvent): boolean {
  return type !== "state" && type !== "rounding" && type !== "device" && type !== "memory";
}

function inOrder(tried: readonly TriedCandidate[]): TriedCandidate[] {
  return [...tried].sort((a, b) => a.size - b.size || a.predictedLoss - b.predictedLoss);
}
