/** A few test images that show the difference: first those on which the three networks disagree. */
import { rangeOf, toBytes } from "../../data/display";
import { type ImageSet, someImages } from "../../data/images";
import type { Scores } from "../../network/evaluate";
import type { Sample } from "../worker/events";
import type { AccuracyName } from "./report";

const MOST = 12;

/** None where every position has a class of its own: one word would not say what became of an image. */
export function pickSamples(set: ImageSet, classNames: readonly string[] | null, scores: Readonly<Record<AccuracyName, Scores>>): Sample[] {
  if (scores.fullPrecision.positions > 1) return [];
  const name = (index: number) => classNames?.[index] ?? `class ${index}`;
  const at = (which: AccuracyName, i: number) => scores[which].predictions[i] as number;
  const interest = (i: number) => {
    const full = at("fullPrecision", i);
    const [nearest, quantized] = [at("nearest", i) !== full, at("quantized", i) !== full];
    return nearest && !quantized ? 2 : quantized ? 3 : 1;
  };
  const order = Array.from({ length: set.count }, (_, i) => i);
  const groups = [3, 2, 1].map((level) => order.filter((i) => interest(i) === level));
  // A third of the places for images that the reconstructed network gets differently, a third that it wins back.
  const chosen = [...(groups[0] as number[]).slice(0, MOST / 3), ...(groups[1] as number[]).slice(0, MOST / 3)];
  for (const i of groups.reverse().flat()) if (chosen.length < MOST && !chosen.includes(i)) chosen.push(i);
  const size = set.height * set.width * set.channels;
  const { pixels } = someImages(set, chosen.slice(0, set.count));
  // Numbers that came preprocessed are shown from their least, black, to their greatest, white.
  const bytes = pixels instanceof Float32Array ? toBytes(pixels, rangeOf(pixels)) : pixels;
  return chosen.slice(0, set.count).map((i, place) => ({
    height: set.height,
    width: set.width,
    channels: set.channels,
    pixels: bytes.slice(place * size, (place + 1) * size),
    label: set.labels ? name(set.labels[i] as number) : null,
    predictions: { fullPrecision: name(at("fullPrecision", i)), nearest: name(at("nearest", i)), quantized: name(at("quantized", i)) },
  }));
}
