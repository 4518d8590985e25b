/**
 * What a person should know before believing a number: full precision that folding or rewriting changed, images that
 * look wrongly preprocessed, a method that ends below nearest rounding.
 */
import type { ImageSet } from "../../data/images";
import { normalize, type Preprocessing } from "../../data/preprocess";
import type { Device } from "../../engine/device";
import type { Graph } from "../../graph/types";
import { agreement, type Scores, score } from "../../network/evaluate";
import type { Accuracy } from "./report";

/** Images that a doubt is tried on. */
const SOME = 256;
/** Percent of images that may change class by rounding errors alone. */
const TOLERANCE = 0.5;
/** Top-1 below which another preprocessing is tried, and by how many points it must be better to be named. */
const DOUBTFUL = 50;
const CLEARLY = 10;

async function scoreSome(device: Device, graph: Graph, set: ImageSet, preprocessing: Preprocessing): Promise<Scores> {
  const count = Math.min(SOME, set.count);
  const bank = device.createBank(count, set.height * set.width * set.channels);
  try {
    bank.write(0, normalize(set, preprocessing, 0, count));
    return await score(device, graph, bank, { kernels: new Map() });
  } finally {
    bank.dispose();
  }
}

/** Whether two versions of a network at full precision classify alike. */
export async function warnOfRewrite(
  device: Device,
  before: Graph,
  after: Graph,
  set: ImageSet,
  preprocessing: Preprocessing,
  what: string,
): Promise<string[]> {
  const [a, b] = [await scoreSome(device, before, set, preprocessing), await scoreSome(device, after, set, preprocessing)];
  const changed = 100 - agreement(a.predictions, b.predictions);
  if (changed <= TOLERANCE) return [];
  return [`${what} changed the full-precision class of ${changed.toFixed(1)} % of ${a.predictions.length} images.`];
}

const ALTERNATIVES: readonly (readonly [name: string, change: (given: Preprocessing) => Preprocessing])[] = [
  ["the channels in the other order", (given) => ({ ...given, channelOrder: given.channelOrder === "rgb" ? "bgr" : "rgb" })],
  ["mean 0 and deviation 1 (pixels in 0..1)", (given) => ({ ...given, mean: [0], std: [1] })],
  ["mean 0.5 and deviation 0.5 (pixels in -1..1)", (given) => ({ ...given, mean: [0.5], std: [0.5] })],
  ["mean 0 and deviation 1/255 (pixels in 0..255)", (given) => ({ ...given, mean: [0], std: [1 / 255] })],
  ["ImageNet's mean and deviation", (given) => ({ ...given, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] })],
];

/** Where full precision is poor on labelled images: a preprocessing under which it is clearly better. */
export async function warnOfPreprocessing(device: Device, graph: Graph, set: ImageSet, given: Preprocessing, full: Accuracy): Promise<string[]> {
  if (!set.labels || full.top1 === null || full.top1 >= DOUBTFUL) return [];
  const labels = set.labels.subarray(0, Math.min(SOME, set.count));
  const top1 = async (preprocessing: Preprocessing) => agreement((await scoreSome(device, graph, set, preprocessing)).predictions, labels);
  const own = await top1(given);
  let best = { name: "", value: own + CLEARLY };
  for (const [name, change] of ALTERNATIVES) {
    const preprocessing = change(given);
    if (set.channels !== 3 && preprocessing.mean.length === 3) continue;
    const value = await top1(preprocessing);
    if (value > best.value) best = { name, value };
  }
  if (!best.name) return [];
  return [
    `Full precision is ${own.toFixed(1)} % of ${labels.length} images, but ${best.value.toFixed(1)} % with ${best.name}: the preprocessing is probably not the one that the network was trained with.`,
  ];
}

/** A method should not lose to no method; half a point is noise. */
export function warnOfNearest(title: string, nearest: Accuracy, quantized: Accuracy): string[] {
  const field = quantized.top1 === null ? "agreement" : "top1";
  const loss = (nearest[field] as number) - (quantized[field] as number);
  if (loss <= TOLERANCE) return [];
  return [`${title} ends ${loss.toFixed(2)} points below nearest rounding; try more iterations, more images or another method.`];
}
