/**
 * Bias correction from data (Nagel et al., ICCV 2019, appendix D): quantized weights move the mean of a layer's
 * output; layer by layer in order, each bias takes back what the mean of its channel moved, given inputs from the
 * network quantized and corrected so far.
 */
import type { DatasetTensor } from "../../engine/device";
import { layersOf } from "../../graph/queries";
import type { Layer, Node } from "../../graph/types";
import { forward } from "../../network/forward";
import { isFloat } from "../layer-widths";
import { visitUnits } from "../visit-units";
import type { MethodOptions, QuantizedNetwork } from "./method";
import { visitOf } from "./training";

/** Moves the biases of the layers that are quantized; each must have one. */
export async function correctBiases(options: MethodOptions, network: QuantizedNetwork): Promise<void> {
  const { device } = options;
  const { graph } = network;
  const isUntouched = ({ name }: Layer) => isFloat(name, options.weights.overrides);
  const floats = new Set(
    layersOf(graph)
      .filter(isUntouched)
      .map(({ name }) => name),
  );
  const visit = {
    ...visitOf(options),
    graph,
    unit: "layer",
    loss: "mse",
    inputs: "quantized",
    untrained: floats,
    both: true,
    observer: null,
  } as const;
  await visitUnits(visit, network, async ({ unit, inputs, fullInputs }) => {
    const layer = unit.layers[0] as Layer;
    const part = { device, graph, nodes: [layer] as Node[], outputs: [layer.output] };
    const full = await forward({ ...part, inputs: fullInputs, kernels: new Map() });
    const quantized = await forward({ ...part, inputs, kernels: network.kernels, biases: network.biases });
    const [wanted, found] = await Promise.all([full, quantized].map((tensors) => channelMeans(tensors.get(layer.output) as DatasetTensor, layer)));
    for (const tensor of [...full.values(), ...quantized.values()]) tensor.dispose();
    const bias = network.biases.get(layer.name) ?? layer.operation.bias?.data;
    if (!bias || !wanted || !found) throw new Error(`Layer ${layer.name} has no bias to correct`);
    const corrected = bias.map((value, c) => value + (wanted[c] as number) - (found[c] as number));
    return { biases: new Map([[layer.name, corrected]]), settled: 1, losses: new Float32Array(0) };
  });
}

/** The mean of each output channel over images and positions. */
export async function channelMeans(tensor: DatasetTensor, layer: Layer): Promise<Float64Array> {
  const channels = layer.operation.kernel.shape.at(-1) as number;
  const sums = new Float64Array(channels);
  const part = Math.max(1, Math.floor(2 ** 22 / tensor.elements));
  for (let first = 0; first < tensor.count; first += part) {
    const values = await tensor.read(first, Math.min(part, tensor.count - first));
    for (let i = 0; i < values.length; i++) (sums[i % channels] as number) += values[i] as number;
  }
  const count = (tensor.count * tensor.elements) / channels;
  return sums.map((sum) => sum / count);
}
