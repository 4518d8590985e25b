/** Every weight to its nearest quantization level, activations with calibrated scales: what all other methods must beat. */
import { nearestKernels } from "../weight-qparams";
import type { Method } from "./method";
import { emptyNetwork } from "./method";
import { calibrateActivations } from "./training";

export const nearest: Method = {
  async quantize(options) {
    const network = emptyNetwork(options.graph);
    for (const [name, kernel] of nearestKernels(options.layerQParams)) network.kernels.set(name, kernel);
    await calibrateActivations(options, network);
    return network;
  },
};
