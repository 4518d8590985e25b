/** What each way to train layers adds to a unit's Program. */
import type { Step } from "../../engine/steps";

export interface TrainedLayer {
  readonly bits: number;
  /** Scales of the layer: one an output channel, or 1. */
  readonly scales: number;
}

/** What a way to train layers adds to the program. */
export interface TrainingPart {
  readonly kernels: ReadonlyMap<string, string>;
  readonly biases: ReadonlyMap<string, string>;
  /** Partial sums of a regularizer. */
  readonly lossParts: number;
  /** The update, once the gradients are known. */
  steps(gradient: (buffer: string) => string, losses: string, lossesAt: number): Step[];
}
