/** Scales and zero points of a network's weights, and the kernels that are rounded with them without any training. */
import type { Device } from "../engine/device";
import { layersOf } from "../graph/queries";
import type { Graph, Layer } from "../graph/types";
import { FLOAT_BITS, type WeightWidths, widthOf } from "./layer-widths";
import { levelsOf, type QParams, quantizeNearest } from "./quantizer";
import { type QParamsOptions, qparamsOf } from "./scale";
import type { ScaleMethod } from "./settings";

export interface WeightOptions extends QParamsOptions, WeightWidths {
  readonly scale: ScaleMethod;
}

/** Grids that were searched before, by layer, then by all that they depend on. */
export type KnownGrids = WeakMap<Layer, Map<string, QParams>>;

/**
 * Grids for every layer that is quantized: `bits`, but 8 for the first and last, and what is assigned or overridden. Layers in
 * float have none. The search takes seconds on large networks;
 * `onLayer` is called with the share that is done and may stop it by throwing.
 * @param known is looked up and added to
 */
export async function weightQParams(
  device: Pick<Device, "openScaleSearch">,
  graph: Graph,
  options: WeightOptions,
  onLayer: (share: number) => void | Promise<void> = () => {},
  known: KnownGrids = new WeakMap(),
): Promise<Map<Layer, QParams>> {
  const layers = layersOf(graph);
  const layerQParams = new Map<Layer, QParams>();
  const { scale } = options;
  const search = scale === "mse" ? await device.openScaleSearch() : null;
  try {
    for (const [i, layer] of layers.entries()) {
      const { kernel } = layer.operation;
      const bits = widthOf(layer.name, i === 0 || i === layers.length - 1, options);
      if (bits !== FLOAT_BITS) {
        const key = [bits, scale, options.granularity, options.symmetric].join();
        const own = known.get(layer) ?? new Map<string, QParams>();
        const channels = kernel.shape.at(-1) as number;
        const qparams = own.get(key) ?? (await qparamsOf(kernel.data, channels, bits, scale, options, search, () => onLayer(i / layers.length)));
        known.set(layer, own.set(key, qparams));
        layerQParams.set(layer, qparams);
      }
      await onLayer((i + 1) / layers.length);
    }
  } finally {
    search?.dispose();
  }
  return layerQParams;
}

/** Every layer rounded to nearest: the baseline. */
export function nearestKernels(layerQParams: ReadonlyMap<Layer, QParams>): Map<string, Float32Array> {
  return new Map([...layerQParams].map(([layer, qparams]) => [layer.name, quantizeNearest(layer.operation.kernel.data, qparams)]));
}

/** The weights that a rounding starts from: full precision, but within the quantized range. */
export function clampedKernel(weights: Float32Array, qparams: QParams): Float32Array {
  const channels = qparams.scale.length;
  const top = levelsOf(qparams.bits) - 1;
  return weights.map((w, i) => {
    const scale = qparams.scale[i % channels] as number;
    const zero = qparams.zero[i % channels] as number;
    return Math.min(top, Math.max(0, w / scale + zero)) * scale - zero * scale;
  });
}
