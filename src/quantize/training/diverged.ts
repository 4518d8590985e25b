/** A training whose numbers left the finite ones: it is stopped as soon as that is seen, with where and what to do. */
import { BadInput } from "../../base/errors";

export interface Training {
  readonly unit: string;
  readonly iterations: number;
  readonly learningRate: number;
}

/**
 * @param losses of iterations from `first` on
 * @throws BadInput with the iteration, where one is no finite number
 */
export function checkLosses(training: Training, losses: ArrayLike<number>, first: number): void {
  for (let i = 0; i < losses.length; i++) if (!Number.isFinite(losses[i])) throw diverged(training, `its loss is ${losses[i]}`, first + i + 1);
}

/** @throws BadInput with the tensor, where one of its values is no finite number */
export function checkTensor(training: Training, name: string, values: Float32Array): void {
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at >= 0) throw diverged(training, `${name} holds ${values[at]} at ${at}`, training.iterations);
}

function diverged({ unit, iterations, learningRate }: Training, what: string, iteration: number): BadInput {
  return new BadInput(
    `The reconstruction of ${unit} diverged: after iteration ${iteration} of ${iterations} ${what}. Use a learning rate below ${learningRate}; if that does not help, look for extreme values in the calibration images or this unit's weights.`,
  );
}
