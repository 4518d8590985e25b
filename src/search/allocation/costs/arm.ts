/**
 * Milliseconds on an ARM CPU, from a built-in table of throughputs: billions of multiply-accumulates a second of one
 * Cortex-A53-class core at 1.5 GHz for each operator and width. Nobody has measured these kernels here: the numbers follow from the
 * instruction set. 8 bit: SMLAL on 16-bit products, 8 a cycle issued every second cycle; 4 bit and below: products
 * accumulate in 8 and 16 bit before widening, so that more of them go between widenings, as Gong et al. 2020 and Han et
 * al. 2020 describe for low-bit convolution on such cores; float: FMLA, 4 a cycle issued every second cycle. Depthwise layers and fully connected ones wait for
 * memory: they take a third, and a time for fetching their weights at 2 GB/s.
 */
import type { CostModel } from "./cost";

/** Billions of multiply-accumulates a second by width of the weights. */
export const ARM_THROUGHPUT: Readonly<Record<number, number>> = { 2: 14, 3: 11, 4: 9, 5: 7.5, 6: 6.8, 7: 6.3, 8: 6, 32: 3 };

const MEMORY_BOUND = 1 / 3;
const BYTES_A_MS = 2e6;

export const arm: CostModel = {
  name: "latency:arm",
  unit: "ms",
  origin: "modelled from a built-in table of throughputs by operator and width, not measured",
  cost({ kind, macs, parameters }, weights) {
    const rate = (ARM_THROUGHPUT[Math.ceil(weights)] as number) * (kind === "conv" ? 1 : MEMORY_BOUND);
    const computing = macs / (rate * 1e6);
    return kind === "conv" ? computing : computing + (parameters * weights) / 8 / BYTES_A_MS;
  },
};
