/**
 * BRECQ (Li et al., ICLR 2021): weights quantized unit by unit in topological order, each unit's rounding trained to
 * reproduce its full-precision output (section 3.2; the losses, section 3.3); then the scales of activations.
 *
 * The unit's input comes from the network quantized so far, so that later units make up for earlier ones.
 * First and last layer are 8 bit; the first is rounded to nearest, the last reconstructed alone.
 */
import { reconstruct } from "../training/reconstruct";
import { cachedUnit } from "../unit-cache";
import { visitUnits } from "../visit-units";
import { emptyNetwork, type Method, type MethodOptions, type QuantizedNetwork } from "./method";
import { calibrateActivations, learnActivations, startWithFirst, trainingOf, visitOf } from "./training";

export const brecq: Method = {
  quantize: reconstructRoundings,
};

/** Rounding reconstruction over the recipe's unit, then activations. */
export async function reconstructRoundings(options: MethodOptions): Promise<QuantizedNetwork> {
  const network = emptyNetwork(options.graph);
  startWithFirst(options, network);
  await visitUnits(visitOf(options), network, (task) =>
    cachedUnit({ ...options, onLosses: task.told.onLosses }, network, task.unit, (onLosses) =>
      reconstruct({ ...trainingOf(options, network, task), onLosses }),
    ),
  );
  await calibrateActivations(options, network);
  await learnActivations(options, network, options.unit);
  return network;
}
