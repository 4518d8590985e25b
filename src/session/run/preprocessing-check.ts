/**
 * Whether images are preprocessed as the network was trained: a forgotten mean or a swapped channel order costs accuracy
 * without an error. The usual alternatives are tried on a few images. With labels the more accurate one is named. Without,
 * scores are compared by what they say about the image: the mutual information of image and class,
 * H(mean p) - mean H(p), is high where single scores are certain and differ from image to image; wrongly preprocessed
 * images make scores uncertain, or all alike. An alternative is named only where it is better by more than chance.
 */
import { exp } from "../../base/normal";
import type { ImageSet } from "../../data/images";
import { normalize, type Preprocessing } from "../../data/preprocess";
import type { Device } from "../../engine/device";
import { totalMacs } from "../../graph/macs";
import type { Graph } from "../../graph/types";
import { agreement, type Scores, score } from "../../network/evaluate";

/** Images that a doubt is tried on: many, or few where an image takes long. */
const [MOST, LEAST, MOST_MACS] = [256, 32, 2e9];
/** Points of top-1, or share and nats of information, by which an alternative must be better to be named. */
const [POINTS, SHARE, NATS] = [5, 0.15, 0.1];

const ALTERNATIVES: readonly (readonly [name: string, change: (given: Preprocessing) => Preprocessing])[] = [
  ["the channels in the other order", (given) => ({ ...given, channelOrder: given.channelOrder === "rgb" ? "bgr" : "rgb" })],
  ["mean 0 and standard deviation 1 (pixels in 0..1)", (given) => ({ ...given, mean: [0], std: [1] })],
  ["mean 0.5 and standard deviation 0.5 (pixels in -1..1)", (given) => ({ ...given, mean: [0.5], std: [0.5] })],
  ["mean 0 and standard deviation 1/255 (pixels in 0..255)", (given) => ({ ...given, mean: [0], std: [1 / 255] })],
  ["ImageNet's mean and standard deviation", (given) => ({ ...given, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] })],
];

/** Scores of the first few images at full precision. */
export async function scoreSome(device: Device, graph: Graph, set: ImageSet, preprocessing: Preprocessing): Promise<Scores> {
  const count = Math.min(set.count, Math.max(LEAST, Math.min(MOST, Math.floor(MOST_MACS / totalMacs(graph)))));
  const tensor = device.createTensor(count, set.height * set.width * set.channels);
  try {
    tensor.write(0, normalize(set, preprocessing, 0, count));
    return await score(device, graph, tensor, { kernels: new Map() });
  } finally {
    tensor.dispose();
  }
}

/** A preprocessing under which the network is clearly better, as a sentence. */
export async function warnOfPreprocessing(
  device: Device,
  graph: Graph,
  set: ImageSet,
  given: Preprocessing,
  breathe: () => void | Promise<void> = () => {},
): Promise<string[]> {
  const own = await scoreSome(device, graph, set, given);
  const count = own.predictions.length;
  const labels = set.labels?.subarray(0, count) ?? null;
  const measure = (scores: Scores) => (labels ? agreement(scores.predictions, labels) : information(scores));
  const byChance = (scores: Scores) => labels !== null && isChance(own.predictions, scores.predictions, labels);
  const value = measure(own);
  const least = labels ? value + POINTS : Math.max(value * (1 + SHARE), value + NATS);
  let best = { name: "", value: least };
  for (const [name, change] of ALTERNATIVES) {
    const preprocessing = change(given);
    if (set.channels !== 3 && (preprocessing.mean.length === 3 || preprocessing.channelOrder !== given.channelOrder)) continue;
    if (JSON.stringify(preprocessing) === JSON.stringify(given)) continue;
    await breathe();
    const scores = await scoreSome(device, graph, set, preprocessing);
    const other = measure(scores);
    if (other > best.value && !byChance(scores)) best = { name, value: other };
  }
  if (!best.name) return [];
  const because = labels
    ? `Full precision is ${value.toFixed(1)} % of ${count} images, but ${best.value.toFixed(1)} % with ${best.name}`
    : `The scores of ${count} images tell their classes apart by ${value.toFixed(2)} nats, but by ${best.value.toFixed(2)} with ${best.name}`;
  return [`${because}: the preprocessing is probably not the one that the network was trained with.`];
}

/** Whether as many more right answers may be chance: within two standard deviations of the images that differ (McNemar). */
function isChance(before: Int32Array, after: Int32Array, labels: Int32Array): boolean {
  let [gained, lost] = [0, 0];
  labels.forEach((label, i) => {
    if (before[i] !== label && after[i] === label) gained++;
    if (before[i] === label && after[i] !== label) lost++;
  });
  return gained - lost <= 2 * Math.sqrt(gained + lost);
}

/** Mutual information of image and class under the scores, in nats: H(mean p) - mean H(p). */
export function information({ logits, classes }: Pick<Scores, "logits" | "classes">): number {
  const images = logits.length / classes;
  const mean = new Float64Array(classes);
  let entropies = 0;
  for (let image = 0; image < images; image++) {
    const row = logits.subarray(image * classes, (image + 1) * classes);
    const most = row.reduce((high, logit) => Math.max(high, logit), Number.NEGATIVE_INFINITY);
    const shares = Array.from(row, (logit) => exp(logit - most));
    const total = shares.reduce((sum, share) => sum + share, 0);
    const p = shares.map((share) => share / total);
    p.forEach((share, c) => {
      mean[c] = (mean[c] as number) + share / images;
    });
    entropies += entropy(p);
  }
  return entropy(mean) - entropies / images;
}

function entropy(p: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < p.length; i++) if ((p[i] as number) > 0) sum -= (p[i] as number) * Math.log(p[i] as number);
  return sum;
}
