/**
 * AdaQuant (Hubara et al., ICML 2021): each layer's weights, scales and bias trained together to reproduce its output
 * (eq. 2; training/straight-through.ts). With quantized inputs each layer sees the network quantized so far (the paper's sequential
 * variant), else full precision (its parallel one). Then biases are tuned once more in order: each channel's mean is
 * restored in closed form, where the paper trains biases with the network's own outputs as targets.
 */
import { reconstruct } from "../training/reconstruct";
import { visitUnits } from "../visit-units";
import { correctBiases } from "./bias-correction";
import { emptyNetwork, type Method } from "./method";
import { calibrateActivations, learnActivations, startWithFirst, trainingOf, visitOf, withBiases } from "./training";

export const adaquant: Method = {
  async quantize(given) {
    const graph = withBiases(given.graph);
    const layerOf = new Map(graph.nodes.map((node) => [node.name, node]));
    const layerQParams = new Map([...given.layerQParams].map(([layer, qparams]) => [layerOf.get(layer.name) as typeof layer, qparams]));
    const options = { ...given, graph, layerQParams, unit: "layer", loss: "mse" } as const;
    const network = emptyNetwork(graph);
    startWithFirst(options, network);
    await visitUnits(visitOf(options), network, (task) => reconstruct({ ...trainingOf(options, network, task), parameters: "straightThrough" }));
    await correctBiases(options, network);
    await calibrateActivations(options, network);
    await learnActivations(options, network, "layer");
    return network;
  },
};
