/**
 * What quantization did to each unit: how much noise its output carries in the quantized network (signal-to-
 * quantization-noise ratio and cosine similarity to full precision, all units before it quantized too), and what the
 * unit costs by itself (accuracy with only it quantized) or keeps (accuracy with all but it).
 */

import type { DatasetTensor, Device } from "../engine/device";
import type { Graph } from "../graph/types";
import { forward } from "../network/forward";
import type { Overrides } from "../network/quantized";
import { partition, type Segment } from "../passes/partition";
import type { UnitKind } from "../passes/unit-kinds";
import type { QuantizedNetwork } from "./methods/method";
import { visitUnits } from "./visit-units";

export interface Fidelity {
  readonly name: string;
  /** Decibels: 10 log10 of the output's energy over the error's; null where there is no error. */
  readonly sqnr: number | null;
  /** Cosine of the angle between the outputs, all images together. */
  readonly cosine: number;
}

export interface DiagnosisOptions {
  readonly device: Device;
  readonly images: DatasetTensor;
  readonly unit: UnitKind;
  readonly network: QuantizedNetwork;
}

/** Images that fidelity is measured on, from the first. */
export const FIDELITY_IMAGES = 256;

export async function unitFidelity({ device, images, unit, network }: DiagnosisOptions): Promise<Fidelity[]> {
  const { graph, kernels, biases, quantizers } = network;
  const count = Math.min(FIDELITY_IMAGES, images.count);
  const some = device.createTensor(count, images.elements);
  const found: Fidelity[] = [];
  try {
    some.write(0, await images.read(0, count));
    const visit = {
      device,
      graph,
      images: some,
      unit,
      inputs: "quantized",
      cache: "f32",
      layerQParams: new Map(),
      loss: "mse",
      untrained: new Set<string>(),
    } as const;
    await visitUnits({ ...visit, both: true, observer: null, phase: "weights" }, network, async ({ unit: segment, inputs, target }) => {
      const tensors = await forward({ device, graph, nodes: segment.nodes, inputs, outputs: [segment.output], kernels, biases, quantizers });
      const tensor = tensors.get(segment.output) as DatasetTensor;
      found.push({ name: segment.name, ...(await compare(target, tensor)) });
      tensor.dispose();
      return null;
    });
  } finally {
    some.dispose();
  }
  return found;
}

async function compare(full: DatasetTensor, quantized: DatasetTensor): Promise<Omit<Fidelity, "name">> {
  let [energy, other, error, product] = [0, 0, 0, 0];
  const part = Math.max(1, Math.floor(2 ** 21 / full.elements));
  for (let first = 0; first < full.count; first += part) {
    const count = Math.min(part, full.count - first);
    const [a, b] = [await full.read(first, count), await quantized.read(first, count)];
    for (let i = 0; i < a.length; i++) {
      const [x, y] = [a[i] as number, b[i] as number];
      energy += x * x;
      other += y * y;
      error += (x - y) * (x - y);
      product += x * y;
    }
  }
  const size = Math.sqrt(energy * other);
  return { sqnr: error === 0 ? null : 10 * Math.log10(energy / error), cosine: size === 0 ? 1 : product / size };
}

/** The segments that have something to quantize, the first layer's too. */
export function diagnosedUnits(graph: Graph, unit: UnitKind): Segment[] {
  return partition(graph, unit).filter(({ layers }) => layers.length > 0);
}

/** The network with only one unit quantized, or with all but one. */
export function partly(network: QuantizedNetwork, unit: Segment, which: "only" | "without"): Overrides {
  const layers = new Set(unit.layers.map(({ name }) => name));
  const values = new Set(unit.nodes.map(({ output }) => output));
  const chosen = <T>(map: ReadonlyMap<string, T>, own: ReadonlySet<string>) =>
    new Map([...map].filter(([name]) => own.has(name) === (which === "only")));
  return { kernels: chosen(network.kernels, layers), biases: chosen(network.biases, layers), quantizers: chosen(network.quantizers, values) };
}
