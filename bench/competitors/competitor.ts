/** Others that do the same work, one file each. What a competitor cannot run, it throws. */
import type { DeviceKind } from "../../src/engine/device";
import type { Timed } from "../compare";
import type { Problem, Work } from "../works";

export interface Training extends Timed {
  /** Loss of the last iteration (reconstruction and regularizer), where the work's own numbers are used. */
  loss?(): Promise<number>;
}

export interface Competitor {
  readonly name: string;
  /** Which of our devices it is compared with. */
  readonly device: DeviceKind;
  train(work: Work, problem: Problem): Promise<Training>;
  /** A whole quantization; only where the competitor can do it in reasonable time. */
  network?(images: number, iterations: number): Promise<Timed>;
  stop(): void;
}
