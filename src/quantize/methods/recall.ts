/**
 * Units that were reconstructed before. In a sweep over bits many runs share units: those whose every layer has the same
 * width and, where a unit's input comes from the network quantized so far or its Fisher weights do, whose every layer
 * before them has too. Training is deterministic, so what is taken from memory is bit for bit what would come out again,
 * and a run that uses it has the fingerprint of one that does not.
 */
import { layersOf } from "../../graph/walk";
import type { LossSamples, Reconstruction } from "../training/reconstruct";
import type { UnitSite } from "../walk";
import type { MethodOptions, QuantizedNetwork } from "./method";

/** The unit's outcome from memory, or trained and remembered. */
export async function recalled(
  options: MethodOptions,
  network: QuantizedNetwork,
  { unit }: UnitSite,
  train: (onLosses: (samples: LossSamples) => void | Promise<void>) => Promise<Reconstruction>,
): Promise<Reconstruction & { readonly reused: boolean }> {
  const { known, observer } = options;
  if (!known) return { ...(await train((samples) => observer.losses(samples))), reused: false };
  const key = keyOf(options, network, unit);
  const found = known.memory.get(key);
  if (found) {
    for (const samples of found.samples) await observer.losses(samples);
    return { ...found.outcome, reused: true };
  }
  const samples: LossSamples[] = [];
  const outcome = await train((own) => {
    samples.push(own);
    return observer.losses(own);
  });
  known.memory.set(key, { outcome, samples });
  return { ...outcome, reused: false };
}

function keyOf({ known, graph, grids, asym, loss }: MethodOptions, network: QuantizedNetwork, unit: UnitSite["unit"]): string {
  const follows = asym || loss !== "mse";
  const layers = layersOf(graph).filter((layer) => unit.layers.includes(layer) || (follows && network.kernels.has(layer.name)));
  const widths = layers.map((layer) => `${layer.name}@${grids.get(layer)?.bits}`);
  return [known?.context, unit.name, ...widths].join("\n");
}
