/** What the phases of a run share: what was asked, what was loaded and planned, and how they evaluate and warn. */
import type { ImageSet } from "../../data/images";
import type { DatasetTensor, Device } from "../../engine/device";
import { workTime } from "../../engine/yield";
import type { Evidence } from "../../export/artifact";
import type { Graph } from "../../graph/types";
import { type Scores, score } from "../../network/evaluate";
import type { Overrides } from "../../network/quantized";
import type { Checkpoints } from "../../quantize/checkpoints";
import type { MemoryPlan } from "../../quantize/memory";
import type { QuantizedNetwork } from "../../quantize/methods/method";
import type { UnitStore } from "../../quantize/unit-cache";
import type { KnownGrids } from "../../quantize/weight-qparams";
import type { CheckpointStores } from "../checkpoint/store";
import type { InputCache } from "../inputs/cache";
import type { Loaded } from "../inputs/load";
import type { Sources } from "../inputs/sources";
import type { Recipe } from "../recipe/recipe";
import type { WatchedPictures } from "../watch/pictures";
import type { Doing, LabEvent } from "../worker/events";
import type { ChosenDevice } from "./devices";
import type { Judge } from "./judge";
import type { PlannedWork } from "./plan";
import type { Progress } from "./progress";
import type { Report } from "./report";
import { stopIfAsked } from "./stop";

export interface RunOptions {
  readonly recipe: Recipe;
  readonly sources: Sources;
  openDevice(): Promise<ChosenDevice>;
  /** Bytes of memory that the host has for caches; null where that is unknown. */
  readonly hostMemory?: number | null;
  emit(event: LabEvent): void;
  readonly signal: AbortSignal;
  /** What was read before, where several runs share inputs. */
  readonly inputs?: InputCache;
  /** The pictures that are shown of each network, where others show them too. */
  readonly pictures?: WatchedPictures;
  /** Grids of weights that were searched before. */
  readonly grids?: KnownGrids;
  /** Units of earlier runs, where several runs share some. */
  readonly units?: UnitStore;
  /** Where what is done is kept, and found again by a run that goes on. */
  readonly checkpoints?: CheckpointStores | null;
  /** Takes the quantized network of a run that is done, for exports. */
  keep?(network: QuantizedNetwork, report: Report, evidence: Evidence, inspectable: Inspectable): void;
}

/** What else is kept of a run, to look into its layers. */
export interface Inspectable {
  /** At full precision, batch normalization folded. */
  readonly graph: Graph;
  /** Rounded to nearest. */
  readonly nearest: QuantizedNetwork;
  /** The images that the result was judged on. */
  readonly set: ImageSet;
  readonly on: "test" | "calibration";
}

/** What all phases share. */
export interface RunContext extends Loaded {
  readonly options: RunOptions & { readonly inputs: InputCache };
  readonly device: Device;
  readonly plan: MemoryPlan;
  readonly work: PlannedWork;
  readonly progress: Progress;
  /** Calibration images. */
  readonly images: DatasetTensor;
  readonly warnings: string[];
  readonly checkpoints: Checkpoints | null;
  /** What is to be given back at the end. */
  readonly owned: Pick<DatasetTensor, "dispose">[];
  readonly clock: Clock;
  breathe(): Promise<void>;
}

/** What is known besides when the images that results are judged on are read. */
export interface JudgedContext extends RunContext {
  readonly judge: Judge;
  /** These images. */
  readonly test: DatasetTensor;
  /** Whether resize and crop had a say in them. */
  readonly resized: boolean;
}

/** Scores of the images that results are judged on. */
export function evaluate(
  { options, device, test, progress, work }: JudgedContext,
  text: string,
  doing: Doing,
  network: Graph,
  overrides: Overrides,
): Promise<Scores> {
  progress.begin(text, doing, "evaluation", work.evaluation);
  return score(device, network, test, overrides, (share) => {
    stopIfAsked(options.signal);
    progress.advance(share);
  });
}

/** Tells what a person should know, and keeps it for the report. */
export function warn({ options, warnings }: Pick<RunContext, "options" | "warnings">, found: readonly string[]): void {
  for (const message of found) options.emit({ type: "warning", message });
  warnings.push(...found);
}

/** Seconds by phase. */
export class Clock {
  private readonly started: number = workTime();
  private mark: number = this.started;
  private readonly seconds: Record<string, number> = {};

  phase(name: string): void {
    const now = workTime();
    this.seconds[name] = (this.seconds[name] ?? 0) + (now - this.mark) / 1000;
    this.mark = now;
  }

  /** Times what comes in the middle of a phase as a phase of its own. */
  async apart<T>(name: string, work: () => Promise<T>): Promise<T> {
    const start = workTime();
    const result = await work();
    const took = workTime() - start;
    this.seconds[name] = (this.seconds[name] ?? 0) + took / 1000;
    this.mark += took;
    return result;
  }

  total(): Record<string, number> {
    return { ...this.seconds, total: (workTime() - this.started) / 1000 };
  }
}
