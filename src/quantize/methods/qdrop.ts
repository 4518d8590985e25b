/**
 * QDrop (Wei et al., ICLR 2022): rounding and activation scales of a unit trained together, while activations are
 * quantized only at random: each element of the unit's input is the full-precision one with probability 1/2, and each
 * quantizer inside leaves an element as it is with probability 1/2 (section 4.2), so that the result does not lean on
 * one pattern of noise. Afterwards all are quantized. Scales start from full-precision activations; their rate is the
 * published 4e-5 over 20,000 iterations, so that they too travel as far whatever the iterations.
 *
 * Without quantized activations only the inputs are mixed.
 */
import { Random } from "../../base/random";
import type { Draw } from "../../engine/steps";
import { activationQParams, quantizedPoints } from "../activations";
import { reconstruct } from "../training/reconstruct";
import type { Drops } from "../training/unit-program";
import { visitUnits } from "../visit-units";
import { emptyNetwork, type Method } from "./method";
import { calibrating, startWithFirst, trainingOf, visitOf } from "./training";

const SHARE = 0.5;
/** Published iterations times rate of the scales. */
const SCALE_TRAVEL = 20000 * 4e-5;

export const qdrop: Method = {
  async quantize(options) {
    const { device, graph, images, activations, iterations, seed, observer } = options;
    const network = emptyNetwork(graph);
    startWithFirst(options, network);
    if (activations) {
      const { overrides } = options.weights;
      const own = {
        device,
        graph,
        images,
        activations,
        overrides,
        kernels: new Map(),
        sequential: false,
        onPoint: calibrating(observer, quantizedPoints(graph, overrides).length),
      };
      await observer.calibrating(0);
      for (const [value, qparams] of await activationQParams(own)) network.quantizers.set(value, qparams);
    }
    const visit = visitOf(options, { inputs: "quantized", both: true });
    await visitUnits(visit, network, (task) =>
      reconstruct({
        ...trainingOf(options, network, task),
        fullInputs: task.fullInputs,
        quantizers: network.quantizers,
        drops: dropsOf(seed),
        scaleRate: activations?.learn ? SCALE_TRAVEL / iterations : null,
      }),
    );
    return network;
  },
};

/** Draws of their own for every value, from the recipe's seed. */
function dropsOf(seed: number): Drops {
  const draw =
    (purpose: string) =>
    (value: string): Draw => ({ seed: Math.floor(new Random(seed, `${purpose}/${value}`).uniform() * 2 ** 31), share: SHARE });
  return { input: draw("mix"), inside: draw("drop") };
}
