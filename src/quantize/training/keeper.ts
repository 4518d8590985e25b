/** What is told of a unit's training while it goes on, and what is kept of it, so that it need not begin anew. */

/** Losses of iterations [first, first + reconstruction.length), as they come from the device. */
export interface LossSamples {
  readonly first: number;
  readonly reconstruction: readonly number[];
  readonly regularizer: readonly number[];
}

/** A training before its last iteration. */
export interface TrainingState {
  /** Iterations that are done. */
  readonly iteration: number;
  /** Every buffer that training changes (rounding variables, weights, scales, Adam's moments, losses), by name. */
  readonly buffers: ReadonlyMap<string, Float32Array>;
}

export interface TrainingKeeper {
  /** Where the training stood when it was kept last. */
  load(): Promise<TrainingState | null>;
  /** Whether it is to be kept now. */
  isDue(): boolean;
  /** @throws Cancelled where the run is to stop, after it was kept */
  keep(state: TrainingState): Promise<void>;
}
