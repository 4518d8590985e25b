/** Model size: the bits of all weights, in decimal megabytes. Biases and scales stay at full precision and are left out. */
import type { CostModel } from "./cost";

export const size: CostModel = {
  name: "size",
  unit: "MB",
  origin: "exact: weights times bits, without biases and scales",
  cost: ({ parameters }, weights) => (parameters * weights) / 8 / 1e6,
};
