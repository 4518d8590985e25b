/** Every weight to its nearest grid point, activations on calibrated grids: what all other methods must beat. */
import { nearestKernels } from "../grids";
import type { Method } from "./method";
import { emptyNetwork } from "./method";
import { calibrateActivations } from "./training";

export const nearest: Method = {
  async quantize(options) {
    const network = emptyNetwork(options.graph);
    for (const [name, kernel] of nearestKernels(options.grids)) network.kernels.set(name, kernel);
    await calibrateActivations(options, network);
    return network;
  },
};
