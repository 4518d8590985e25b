/**
 * A runtime's logits against the lab's. How much may differ, as a root mean square over an image's logits:
 *  - Typically (the median over images) no more than 1e-4 of the largest logit: sums are added up in another order.
 *  - With quantized activations, one near the middle between two levels may go to the other level. Allowed is twice what the lab's own
 *    logits change by when every weight is moved by a rounding error (session/run/evidence.ts), or a quarter of what
 *    quantization itself changes if that is more.
 *  - Another class is highest only where the lab's two highest logits are nearer than the tolerance: twice the largest
 *    difference, as far as that is itself within 1e-4 of the largest logit or, with quantized activations, within what moved weights or
 *    quantization change.
 */
import { agreement, argmax, pixelAccuracy } from "../../network/evaluate";
import type { Evidence } from "../artifact";

export interface Comparison {
  readonly images: number;
  /** Of an image, with scores of their own. */
  readonly positions: number;
  /** Images, or positions of images, where another class is highest than in the lab, and those among them beyond the tolerance. */
  readonly differing: number;
  readonly beyond: number;
  /** Of the lab's two highest logits. */
  readonly tolerance: number;
  /** The largest logit difference; an image's root mean square, typically, and what is right for it. */
  readonly largest: number;
  readonly typical: number;
  readonly limit: number;
  /** The largest logit's magnitude. */
  readonly scale: number;
  /** Percent of the images, or of the labelled positions, by the file and by the lab; null without labels. */
  readonly accuracy: { readonly file: number; readonly lab: number } | null;
  readonly passed: boolean;
}

/** Share of the largest logit that sums in another order may change. */
const SUMS = 1e-4;
/** Share of quantization's own change of logits that activations at the middle between two levels may change, typically. */
const TIES = 0.25;
/** How much more than by moved weights logits may differ. */
const MOVED = 2;

/** @param logits [images, positions, classes], of the first images */
export function compared(logits: Float32Array, evidence: Omit<Evidence, "images" | "count">): Comparison {
  const { classes, positions, moved } = evidence;
  const words = classes * positions;
  const images = logits.length / words;
  const lab = evidence.logits.subarray(0, logits.length);
  const { largest, typical } = differences(logits, lab, words);
  const scale = lab.reduce((found, value) => Math.max(found, Math.abs(value)), 0);
  const sums = SUMS * scale;
  let [limit, bound] = [sums, sums];
  if (moved) {
    const change = rootMeanSquare(lab, evidence.fullPrecision);
    const own = differences(moved, lab, words);
    limit = Math.max(sums, TIES * change, MOVED * own.typical);
    bound = Math.max(sums, change, own.largest);
  }
  const tolerance = 2 * Math.min(largest, bound);
  const [found, expected] = [argmax(logits, classes), argmax(lab, classes)];
  let [differing, beyond] = [0, 0];
  expected.forEach((label, row) => {
    if (found[row] === label) return;
    differing++;
    if (marginOf(lab.subarray(row * classes, (row + 1) * classes)) > tolerance) beyond++;
  });
  const right = positions === 1 ? agreement : pixelAccuracy;
  const truth = evidence.labels?.subarray(0, images * positions);
  return {
    ...{ images, positions, differing, beyond, tolerance, largest, typical, limit, scale },
    accuracy: truth ? { file: right(found, truth), lab: right(expected, truth) } : null,
    passed: typical <= limit && beyond === 0,
  };
}

/** Of as many images as the first list has: the largest difference, and the median over images of the root mean square. */
function differences(a: Float32Array, b: Float32Array, words: number): { largest: number; typical: number } {
  const images = Array.from({ length: a.length / words }, (_, image) => differenceOf(a, b, image * words, words));
  const squares = images.map(({ square }) => square).sort((x, y) => x - y);
  return { largest: Math.max(...images.map((one) => one.largest)), typical: squares[squares.length >> 1] as number };
}

/** Within an image, the largest and the root mean square; what is no number counts as infinite. */
function differenceOf(a: Float32Array, b: Float32Array, from: number, count: number): { largest: number; square: number } {
  let [largest, sum] = [0, 0];
  for (let i = from; i < from + count; i++) {
    const difference = Math.abs((a[i] as number) - (b[i] as number));
    const own = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
    largest = Math.max(largest, own);
    sum += own * own;
  }
  return { largest, square: Math.sqrt(sum / count) };
}

function rootMeanSquare(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  a.forEach((value, i) => {
    sum += (value - (b[i] as number)) ** 2;
  });
  return Math.sqrt(sum / a.length);
}

/** By how much the highest of some logits is above the next. */
function marginOf(logits: Float32Array): number {
  let [first, second] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of logits) {
    if (value > first) [first, second] = [value, first];
    else if (value > second) second = value;
  }
  return first - second;
}
