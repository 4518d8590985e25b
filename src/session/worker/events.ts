/** What a session tells the outside while it works. */
import type { ExportedFile } from "../../export/artifact";
import type { ExportKind } from "../../export/catalog";
import type { FirstLook } from "../../quantize/first-look";
import type { MemoryEstimate, MemoryPlan } from "../../quantize/memory";
import type { UnitRounding } from "../../quantize/training/rounding-sample";
import type { Phase } from "../../quantize/unit-change";
import type { FisherProfile } from "../../search/sensitivity/curvature";
import type { SensitivityTable } from "../../search/sensitivity/table";
import type { ResultRow } from "../experiments/results";
import type { FitState } from "../fit/state";
import type { Preview, PreviewError } from "../inputs/preview";
import type { InspectAsk, Inspection } from "../inspect/inspection";
import type { NetworkView } from "../network/view";
import type { Recipe } from "../recipe/recipe";
import type { Advice } from "../run/preprocessing-check";
import type { Accuracy, AccuracyName, Report, UnitDiagnosis, UnitReport } from "../run/report";
import type { SearchResult, TradeoffResult } from "../search/result";
import type { TablePatch } from "../search/table-patch";

export const STATES = ["idle", "loading", "ready", "calibrating", "quantizing", "evaluating", "done", "cancelled", "failed"] as const;
export type State = (typeof STATES)[number];

/** A test image with what the networks make of it. */
export interface Sample {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly pixels: Uint8Array;
  readonly label: string | null;
  readonly predictions: Readonly<Record<AccuracyName, string>>;
}

export interface LossPoint {
  readonly iteration: number;
  readonly reconstruction: number;
  readonly regularizer: number;
}

/** Losses of consecutive iterations, all of them: the page keeps them outside React and reduces them for drawing. */
export interface LossRun {
  /** Of the first one, from 0. */
  readonly first: number;
  readonly reconstruction: Float32Array;
  readonly regularizer: Float32Array;
}

/** A sample of the test images by which a run is watched, the same for every curve; it changes no result. */
export interface WatchedImages {
  /** Images in the sample, and of how many it was taken. */
  readonly count: number;
  readonly of: number;
  readonly on: "test" | "calibration";
  /** The few that are shown; none until they are chosen, which takes all widths to be seen once. */
  readonly shown: readonly Omit<Sample, "predictions">[];
}

/** What a network quantized in part, or at some width, makes of the watched images. */
export interface Watch {
  /** Of the sample. */
  readonly accuracy: Accuracy;
  /** What it calls each of the shown images; empty before they are chosen, and where every position has a class of its own. */
  readonly predictions: readonly string[];
}

/** The network rounded to nearest at one width throughout, before anything runs; bits 32 is full precision. */
export interface Glimpse extends Watch {
  readonly bits: number;
  /** Of the weights with their scales and zero points, and the biases. */
  readonly bytes: number;
}

/** A glimpse under a recipe's own widths, layer by layer. */
export interface Score extends Watch {
  readonly bytes: number;
}

/**
 * The network quantized so far, at the end of a unit. Of rounding to nearest, units up to it are rounded, the activations that they make too
 * where they are quantized, and the rest is at full precision; of the run's method likewise while weights are trained, with
 * activations at full precision where their scales are only found later. While the scales of activations are trained it is the network as
 * it stands: all weights quantized, scales trained up to the unit. The last one of the method is the whole quantized network.
 */
export interface SoFar extends Watch {
  readonly method: "nearest" | "quantized";
  readonly phase: Phase;
  /** Index of the last quantized unit among the units of the weights, and its name. */
  readonly unit: number;
  readonly name: string;
  /** At full precision, on the very images of `accuracy`. */
  readonly full: Accuracy;
  /** Noise power over signal power at that unit's output, on the sample (of very large outputs on its first images). */
  readonly noise: number;
}

/** Rounding variables of a unit while it is trained: a fixed sample of each layer's weights, and a histogram of all. */
export interface RoundingSample extends UnitRounding {
  /** Position among the run's units, as of its losses. */
  readonly unit: number;
}

/** How the three networks do by class. */
export interface ClassResults {
  readonly names: readonly string[];
  /** Images of each class, and of those the percentage that each network gets right; null where there are none. */
  readonly counts: readonly number[];
  readonly accuracy: Readonly<Record<AccuracyName, readonly (number | null)[]>>;
  /** [label * classes + prediction] by network; null above 128 classes. */
  readonly confusion: Readonly<Record<AccuracyName, Uint32Array>> | null;
}

/** What a run does at the moment, as data, so that a page can say it in its language. */
export type Doing =
  /** `preparing` is what precedes a unit's training: activations of the calibration images, their scales. */
  | { readonly what: "loading" | "scales" | "preparing" | "diagnosing" }
  | { readonly what: "evaluating"; readonly which: AccuracyName | "part" }
  | { readonly what: "unit"; readonly phase: Phase; readonly unit: string; readonly index: number; readonly count: number }
  | { readonly what: "other"; readonly text: string };

/** A finished run's loss curves. */
export interface SampledCurves {
  readonly seed: number;
  readonly units: readonly { readonly name: string; readonly points: readonly (readonly [iteration: number, loss: number])[] }[];
}

export type LabEvent =
  | { readonly type: "state"; readonly state: State }
  | { readonly type: "device"; readonly kind: string; readonly description: string; readonly reason: string }
  /** Before a run without a budget: what is known of its needs; in a run, where everything is kept. */
  | { readonly type: "memory"; readonly estimate: MemoryEstimate; readonly plan: MemoryPlan | null }
  | { readonly type: "network"; readonly network: NetworkView }
  /** What rounding would take from each layer's weights, as soon as a network is loaded. */
  | { readonly type: "firstLook"; readonly look: FirstLook }
  /** The first of a person's own images as the network will see them, or why it cannot; null where there are none to look at. */
  | { readonly type: "preview"; readonly role: "calibration" | "evaluation"; readonly preview: Preview | PreviewError | null }
  | { readonly type: "recipe"; readonly recipe: Recipe }
  | {
      readonly type: "progress";
      readonly text: string;
      readonly fraction: number;
      readonly secondsLeft: number | null;
      readonly doing?: Doing;
      /** In an experiment: of all its runs. */
      readonly queue?: { readonly fraction: number; readonly secondsLeft: number | null };
    }
  | { readonly type: "accuracy"; readonly name: AccuracyName; readonly accuracy: Accuracy; readonly on: "test" | "calibration" }
  | { readonly type: "unit"; readonly index: number; readonly name: string }
  | { readonly type: "losses"; readonly unit: number; readonly points: readonly LossPoint[]; readonly run: LossRun }
  /** Before a run: the images that are watched, then what rounding to nearest makes of them at full precision and 8 to 2 bit. */
  | { readonly type: "watched"; readonly images: WatchedImages }
  /** Instead, where there are no images to watch by (null), or they cannot be read. */
  | { readonly type: "unwatched"; readonly reason: string | null }
  | { readonly type: "glimpse"; readonly glimpse: Glimpse }
  | { readonly type: "score"; readonly score: Score }
  /** In a run: the network quantized so far, first all of nearest rounding, then as units are done; where units are many, not after each. */
  | { readonly type: "soFar"; readonly soFar: SoFar }
  | { readonly type: "rounding"; readonly sample: RoundingSample }
  | { readonly type: "classes"; readonly classes: ClassResults }
  | { readonly type: "unitDone"; readonly index: number; readonly report: UnitReport }
  | { readonly type: "warning"; readonly message: string }
  /** A unit that is taken from a checkpoint; one whose training goes on from there has iterations behind it. */
  /** Work ended early, and can be gone on with (checkpoint/work-database.ts). */
  | { readonly type: "interrupted" }
  /** Work is held where it stands, or goes on. */
  | { readonly type: "paused"; readonly paused: boolean }
  | { readonly type: "resumed"; readonly name: string; readonly iteration: number | null }
  /** Before anything runs: what of the watched images says against the preprocessing as it is set; null where nothing does. */
  | { readonly type: "doubt"; readonly advice: Advice | null }
  /** A preprocessing that fits better, after the warning with its message; [height, width, channels] of the network's input. */
  | { readonly type: "advice"; readonly advice: Advice; readonly input: readonly number[] }
  | { readonly type: "diagnosis"; readonly units: readonly UnitDiagnosis[] }
  | { readonly type: "samples"; readonly samples: readonly Sample[] }
  | { readonly type: "done"; readonly report: Report }
  /** A sensitivity table, when it is begun and when it is whole, Fisher information by block, and what a search found. */
  | { readonly type: "sensitivity"; readonly table: SensitivityTable; readonly done: number; readonly total: number }
  /** What measuring has added to the table since. */
  | { readonly type: "measured"; readonly patch: TablePatch; readonly done: number; readonly total: number }
  | { readonly type: "fisher"; readonly profiles: readonly FisherProfile[] }
  | { readonly type: "searched"; readonly result: SearchResult }
  | { readonly type: "tradeoff"; readonly tradeoff: TradeoffResult }
  /** An experiment: its rows, then each run as it starts and each row as it grows. */
  | { readonly type: "queue"; readonly title: string; readonly rows: readonly string[]; readonly total: number }
  | { readonly type: "queueRun"; readonly label: string; readonly seed: number; readonly index: number; readonly total: number }
  | { readonly type: "queueRow"; readonly row: ResultRow; readonly curves: readonly SampledCurves[] }
  /** What an export wrote: one file, where there are several one zip of them. */
  | { readonly type: "exported"; readonly file: ExportedFile }
  /** What came out when a runtime ran it: a sentence, and what was measured. */
  | { readonly type: "proof"; readonly as: ExportKind; readonly passed: boolean; readonly verdict: string; readonly measurements: readonly string[] }
  /** A fit: what was tried so far and what is being tried; with its verdict when it is over. */
  | { readonly type: "fit"; readonly fit: FitState }
  /** A layer that was looked into, first its weights, then all; or why it could not be. */
  | { readonly type: "inspected"; readonly inspection: Inspection | { readonly ask: InspectAsk; readonly error: string } }
  /** Whether an exported file's weights are, byte for byte, those of the last run. */
  | { readonly type: "checked"; readonly same: boolean }
  | { readonly type: "failed"; readonly message: string; readonly badInput: boolean };

const INTERVAL_MS = 100;

/**
 * Delivers events in order, in bundles at most ten a second. Of several progress events in a bundle only
 * the last counts.
 */
export class EventBundler {
  private waiting: LabEvent[] = [];
  private timer: ReturnType<typeof setTimeout> | null = null;
  private last = Number.NEGATIVE_INFINITY;

  constructor(private readonly deliver: (events: LabEvent[]) => void) {}

  emit(event: LabEvent): void {
    const before = this.waiting.at(-1);
    if (event.type === "progress" && before?.type === "progress") this.waiting.pop();
    this.waiting.push(event);
    const wait = this.last + INTERVAL_MS - performance.now();
    if (wait <= 0) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), wait);
  }

  /** Delivers what waits, now: at the end of a run. */
  flush(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    if (this.waiting.length === 0) return;
    this.last = performance.now();
    this.deliver(this.waiting.splice(0));
  }
}
