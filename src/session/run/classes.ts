/** How the three networks do by class: a mean over all images hides a class that is lost. */
import type { Scores } from "../../network/evaluate";
import type { ClassResults } from "../worker/events";
import { ACCURACIES, type AccuracyName, type Report } from "./report";
import { className } from "./samples";

/** Classes up to which a confusion matrix is told: a page can draw no more, and its numbers are their square. */
const MOST_CONFUSED = 128;

/**
 * @param scores of all images by network
 * @param labels one an image
 */
export function classResults(
  scores: Readonly<Record<AccuracyName, Pick<Scores, "predictions" | "classes">>>,
  labels: Int32Array,
  classNames: readonly string[] | null,
): ClassResults {
  const { classes } = scores.fullPrecision;
  const counts = new Array<number>(classes).fill(0);
  for (const label of labels) counts[label] = (counts[label] as number) + 1;
  const confused = byNetwork((name) => {
    const matrix = new Uint32Array(classes * classes);
    scores[name].predictions.forEach((found, i) => {
      const at = (labels[i] as number) * classes + found;
      matrix[at] = (matrix[at] as number) + 1;
    });
    return matrix;
  });
  const right = (name: AccuracyName) =>
    counts.map((count, label) => (count === 0 ? null : (100 * (confused[name][label * classes + label] as number)) / count));
  return {
    names: counts.map((_, label) => className(classNames, label)),
    counts,
    accuracy: byNetwork(right),
    confusion: classes > MOST_CONFUSED ? null : confused,
  };
}

/** Of each network the class that it does worst, the first of equals. */
export function worstClasses({ names, counts, accuracy }: ClassResults): NonNullable<Report["worstClass"]> {
  return byNetwork((network) => {
    const own = accuracy[network];
    const worst = own.reduce<number>(
      (least, value, label) => (value !== null && value < (own[least] ?? Number.POSITIVE_INFINITY) ? label : least),
      0,
    );
    return { name: names[worst] as string, top1: own[worst] ?? 0, images: counts[worst] as number };
  });
}

function byNetwork<T>(make: (name: AccuracyName) => T): Record<AccuracyName, T> {
  return Object.fromEntries(ACCURACIES.map((name) => [name, make(name)])) as Record<AccuracyName, T>;
}
