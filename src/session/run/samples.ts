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
  const at = (which: AccuracyName, i: number) => scores[which].predictions[i] as number;
  const called = (which: AccuracyName, i: number) => className(classNames, at(which, i));
  const predictionsAt = (i: number) => ({
    fullPrecision: called("fullPrecision", i),
    nearest: called("nearest", i),
    quantized: called("quantized", i),
  });
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
  const places = chosen.slice(0, set.count);
  return picturesOf(set, places, classNames).map((picture, at) => ({
    ...picture,
    predictions: predictionsAt(places[at] as number),
  }));
}

/** What a network's class is called; "class 3" where nobody told. */
export function className(classNames: readonly string[] | null, index: number): string {
  return classNames?.[index] ?? `class ${index}`;
}

/** Some of a set's images for people to look at, each with its own bytes. */
export function picturesOf(set: ImageSet, places: readonly number[], classNames: readonly string[] | null): Omit<Sample, "predictions">[] {
  const { height, width, channels, labels, labelSize } = set;
  const size = height * width * channels;
  const { pixels } = someImages(set, places);
  // Numbers that came preprocessed are shown from their least, black, to their greatest, white.
  const bytes = pixels instanceof Float32Array ? toBytes(pixels, rangeOf(pixels)) : pixels;
  return places.map((place, at) => ({
    ...{ height, width, channels },
    pixels: bytes.slice(at * size, (at + 1) * size),
    label: labels && !labelSize ? className(classNames, labels[place] as number) : null,
  }));
}
