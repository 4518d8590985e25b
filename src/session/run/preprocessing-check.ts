/**
 * Whether images are preprocessed as the network was trained: a forgotten mean or a swapped channel order costs accuracy
 * without an error. The usual alternatives are tried on a few images. With labels the more accurate one is named. Without,
 * scores are compared by what they say about the image: the mutual information of image and class,
 * H(mean p) - mean H(p), is high where single scores are certain and differ from image to image; wrongly preprocessed
 * images make scores uncertain, or all alike.
 *
 * Single changes are tried on every network. Where one of them helps, or the network does no better than chance as it is,
 * all combinations of range, mean and channel order are tried, and then other ways of resizing pictures. An alternative
 * is named only where it is better by more than chance.
 */
import { exp } from "../../base/normal";
import { type ImageSet, isPreprocessed, someImages, spread } from "../../data/images";
import { normalize, type Preprocessing } from "../../data/preprocess";
import type { Device } from "../../engine/device";
import { totalMacs } from "../../graph/macs";
import { shapeOf } from "../../graph/queries";
import type { Graph } from "../../graph/types";
import { agreement, pixelAccuracy, type Scores, score } from "../../network/evaluate";
import { combinations, differenceText, singleChanges, sizes } from "./preprocessing-alternatives";

/** Images that a doubt is tried on: many, or few where an image takes long. */
const [MOST, LEAST, MOST_MACS] = [256, 32, 2e9];
/** Points of top-1, or share and nats of information, by which an alternative must be better to be named. */
const [POINTS, SHARE, NATS] = [5, 0.15, 0.1];
/** Standard deviations that tell more right answers from chance: among a few alternatives, and among many. */
const [FEW, MANY] = [2, 3];
/** Share of the information that certain scores would give, below which a network tells images apart no better than chance. */
const UNINFORMED = 0.1;

/** A preprocessing under which the network is clearly better. */
export interface Advice {
  /** A sentence on how much better, and what is different. */
  readonly message: string;
  readonly preprocessing: Preprocessing;
}

export interface AdviceOptions {
  /** The same images, at the given places, under another resize and crop; null where these change nothing. */
  readonly reread: ((preprocessing: Preprocessing, places: readonly number[]) => Promise<ImageSet>) | null;
  readonly breathe: () => void | Promise<void>;
}

/** Places of some images, spread over all: the first ones of a folder may be of one class. */
function somePlaces(graph: Graph, set: ImageSet): number[] {
  return spread(set.count, Math.max(LEAST, Math.min(MOST, Math.floor(MOST_MACS / totalMacs(graph)))));
}

/** Scores of some images at full precision. */
export function scoreSome(device: Device, graph: Graph, set: ImageSet, preprocessing: Preprocessing): Promise<Scores> {
  return scoreAll(device, graph, someImages(set, somePlaces(graph, set)), preprocessing);
}

async function scoreAll(device: Device, graph: Graph, set: ImageSet, preprocessing: Preprocessing): Promise<Scores> {
  const tensor = device.createTensor(set.count, set.height * set.width * set.channels);
  try {
    tensor.write(0, normalize(set, preprocessing, 0, set.count));
    return await score(device, graph, tensor, { kernels: new Map() });
  } finally {
    tensor.dispose();
  }
}

interface Tried {
  readonly preprocessing: Preprocessing;
  readonly value: number;
  readonly scores: Scores;
}

/** What fits better than the given preprocessing, or null: also where images came preprocessed. */
export async function advisePreprocessing(
  device: Device,
  graph: Graph,
  set: ImageSet,
  given: Preprocessing,
  { reread, breathe }: AdviceOptions = { reread: null, breathe: () => {} },
): Promise<Advice | null> {
  if (isPreprocessed(set)) return null;
  const places = somePlaces(graph, set);
  const images = someImages(set, places);
  const { labels } = images;
  const attempt = async (preprocessing: Preprocessing, own: ImageSet): Promise<Tried> => {
    await breathe();
    const scores = await scoreAll(device, graph, own, preprocessing);
    return {
      preprocessing,
      scores,
      value: labels ? (images.labelSize ? pixelAccuracy : agreement)(scores.predictions, labels) : information(scores),
    };
  };
  /** The best of some alternatives if it is better than what was best before. */
  const improve = async (
    before: Tried,
    alternatives: readonly Preprocessing[],
    deviations: number,
    read?: AdviceOptions["reread"],
  ): Promise<Tried> => {
    let best = before;
    const least = labels ? before.value + POINTS : Math.max(before.value * (1 + SHARE), before.value + NATS);
    for (const alternative of alternatives) {
      const own = read ? await read(alternative, places) : images;
      const { height, width, channels } = own;
      if (height !== set.height || width !== set.width || channels !== set.channels) continue;
      const tried = await attempt(alternative, own);
      if (tried.value <= Math.max(best.value, least)) continue;
      if (labels && isChance(before.scores.predictions, tried.scores.predictions, labels, deviations)) continue;
      best = tried;
    }
    return best;
  };
  const own = await attempt(given, images);
  // Scores at every position say nothing of an image as a whole.
  if (own.scores.positions > 1 && labels?.length !== own.scores.predictions.length) return null;
  let best = await improve(own, singleChanges(given, set.channels), FEW);
  if (best !== own || isUninformed(own, labels)) {
    best = await improve(best, combinations(given, set.channels), MANY);
    if (reread) best = await improve(best, sizes(best.preprocessing, shapeOf(graph, graph.input)), MANY, reread);
  }
  if (best === own) return null;
  const difference = differenceText(best.preprocessing, given);
  const because = labels
    ? `Full precision is ${own.value.toFixed(1)} % of ${images.count} images, but ${best.value.toFixed(1)} % with ${difference}`
    : `The scores of ${images.count} images tell their classes apart by ${own.value.toFixed(2)} nats, but by ${best.value.toFixed(2)} with ${difference}`;
  return {
    message: `${because}: the preprocessing is probably not the one that the network was trained with.`,
    preprocessing: best.preprocessing,
  };
}

/** Whether a network does no better than chance: right no oftener than by guessing, or with scores that say nearly nothing. */
function isUninformed({ scores, value }: Tried, labels: Int32Array | null): boolean {
  const [count, guess] = [scores.predictions.length, 1 / scores.classes];
  if (!labels) return value < UNINFORMED * Math.log(Math.min(count, scores.classes));
  return (value / 100) * count <= count * guess + MANY * Math.sqrt(count * guess * (1 - guess));
}

/** Whether as many more right answers may be chance: within some standard deviations of the images that differ (McNemar). */
function isChance(before: Int32Array, after: Int32Array, labels: Int32Array, deviations: number): boolean {
  let [gained, lost] = [0, 0];
  labels.forEach((label, i) => {
    if (before[i] !== label && after[i] === label) gained++;
    if (before[i] === label && after[i] !== label) lost++;
  });
  return gained - lost <= deviations * Math.sqrt(gained + lost);
}

/**
 * Mutual information of image and class under the scores, in nats: H(mean p) - mean H(p). Scores that are probabilities
 * already, as of networks that end in a softmax, are taken as these.
 */
export function information({ logits, classes }: Pick<Scores, "logits" | "classes">): number {
  const images = logits.length / classes;
  const mean = new Float64Array(classes);
  let entropies = 0;
  for (let image = 0; image < images; image++) {
    const p = probabilities(logits.subarray(image * classes, (image + 1) * classes));
    p.forEach((share, c) => {
      mean[c] = (mean[c] as number) + share / images;
    });
    entropies += entropy(p);
  }
  return entropy(mean) - entropies / images;
}

function probabilities(row: Float32Array): number[] {
  const sum = row.reduce((total, value) => total + value, 0);
  if (row.every((value) => value >= 0) && Math.abs(sum - 1) < 1e-3) return Array.from(row, (value) => value / sum);
  const most = row.reduce((high, logit) => Math.max(high, logit), Number.NEGATIVE_INFINITY);
  const shares = Array.from(row, (logit) => exp(logit - most));
  const total = shares.reduce((all, share) => all + share, 0);
  return shares.map((share) => share / total);
}

function entropy(p: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < p.length; i++) if ((p[i] as number) > 0) sum -= (p[i] as number) * Math.log(p[i] as number);
  return sum;
}
