/**
 * What a run leaves for proofs of its exports: the images that a runtime will run, and what the lab computed for them.
 *
 * A runtime adds up sums in another order. Where activations are quantized, one that lies within this rounding of the middle
 * between two levels goes to the other level, and a deep network amplifies that: of MobileNetV2 at 8 bit, two activations
 * in 400,000 differ after the first layer, and the logits by as much as quantization itself moves them. How far that goes is a property
 * of the network, so it is measured in the lab: the same network runs once more with every weight moved by about
 * a rounding error, and what its logits change by is what the runtime's may differ by (export/proof/compare.ts).
 */

import { Random } from "../../base/random";
import type { ImageSet } from "../../data/images";
import { normalize, type Preprocessing } from "../../data/preprocess";
import type { DatasetTensor, Device } from "../../engine/device";
import type { Evidence } from "../../export/artifact";
import { layersOf } from "../../graph/queries";
import type { Graph } from "../../graph/types";
import { logitsOf, type Scores } from "../../network/evaluate";
import type { Overrides } from "../../network/quantized";
import type { QuantizedNetwork } from "../../quantize/methods/method";

/** As many images are proved at most, and for networks with scores at many positions only so many numbers. */
const IMAGES = 512;
const DENSE_WORDS = 2 ** 22;
/** As many images run with moved weights. */
const MOVED_IMAGES = 64;
/** A weight is moved by up to this share of itself: as much as convolutions by Winograd round. */
const MOVE = 2 ** -20;

export interface Judged {
  readonly device: Device;
  /** At full precision. */
  readonly graph: Graph;
  readonly network: QuantizedNetwork;
  readonly full: Scores;
  readonly scores: Scores;
  readonly set: ImageSet;
  /** The set on the device, preprocessed. */
  readonly images: DatasetTensor;
  readonly preprocessing: Preprocessing;
}

export async function gatherEvidence({ device, graph, network, full, scores, set, images, preprocessing }: Judged): Promise<Evidence> {
  const { classes, positions } = scores;
  const words = classes * positions;
  const count = positions === 1 ? Math.min(IMAGES, set.count) : Math.max(1, Math.min(set.count, Math.floor(DENSE_WORDS / words)));
  const first = async (some: number, of: Graph, overrides: Overrides) => {
    const part = device.createTensor(some, images.elements);
    try {
      part.write(0, await images.read(0, some));
      return await logitsOf(device, of, part, overrides);
    } finally {
      part.dispose();
    }
  };
  const logits = positions === 1 ? scores.logits.subarray(0, count * words) : await first(count, network.graph, network);
  const moved = network.quantizers.size > 0 ? await first(Math.min(MOVED_IMAGES, count), network.graph, movedByRounding(network)) : null;
  return {
    ...{ count, classes, positions, logits, moved, labels: set.labels?.subarray(0, count * positions) ?? null },
    fullPrecision: positions === 1 ? full.logits.subarray(0, count * words) : await first(count, graph, { kernels: new Map() }),
    images: (from, size) => normalize(set, preprocessing, from, size),
  };
}

/** The network with every weight up or down by about what sums round. */
export function movedByRounding(network: QuantizedNetwork): QuantizedNetwork {
  const random = new Random(0, "moved by rounding");
  const kernels = layersOf(network.graph).map(({ name, operation }) => {
    const own = network.kernels.get(name) ?? operation.kernel.data;
    return [name, own.map((weight) => weight * (1 + MOVE * (2 * random.uniform() - 1)))] as const;
  });
  return { ...network, kernels: new Map(kernels) };
}
