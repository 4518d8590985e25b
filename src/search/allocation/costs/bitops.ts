/** Bit operations: multiply-accumulates times the widths of both operands (Baskin et al. 2018, UNIQ), in billions. */
import type { CostModel } from "./cost";

export const bitops: CostModel = {
  name: "bitops",
  unit: "GBOPs",
  origin: "exact: multiply-accumulates times bits of weights times bits of activations, 32 where they are at full precision",
  cost: ({ macs }, weights, activations) => (macs * weights * activations) / 1e9,
};
