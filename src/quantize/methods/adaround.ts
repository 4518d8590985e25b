/**
 * AdaRound (Nagel et al., ICML 2020): each layer's rounding trained alone to reproduce the layer's output after its
 * activation function (eq. 25), by a relaxation that a regularizer presses to 0 or 1 (eq. 21 to 24). It is what BRECQ
 * does to single layers under plain squared error, so that is how it runs; the paper's schedule is 10,000 iterations.
 */
import { reconstructRoundings } from "./brecq";
import type { Method } from "./method";

export const adaround: Method = {
  quantize: (options) => reconstructRoundings({ ...options, unit: "layer", loss: "mse" }),
};
