/** Every weight to its nearest quantization level, activations with calibrated scales: what all other methods must beat. */
import type { Method } from "./method";
import { emptyNetwork, roundToNearest } from "./method";
import { calibrateActivations } from "./training";

export const nearest: Method = {
  async quantize(options) {
    const network = emptyNetwork(options.graph);
    roundToNearest(network, options.layerQParams);
    await calibrateActivations(options, network);
    return network;
  },
};
