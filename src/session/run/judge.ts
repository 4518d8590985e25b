/** Accuracy of scores on the images that a run is judged on. */
import type { ImageSet } from "../../data/images";
import { agreement, meanIou, pixelAccuracy, type Scores } from "../../network/evaluate";
import type { LabEvent } from "../worker/events";
import type { Accuracy, AccuracyName } from "./report";

/** @param reference full precision's */
export function accuracyOf(scores: Omit<Scores, "logits">, reference: Pick<Scores, "predictions">, set: Pick<ImageSet, "labels">): Accuracy {
  const { predictions, positions, classes } = scores;
  const { labels } = set;
  const common = { agreement: agreement(predictions, reference.predictions), images: predictions.length / positions };
  if (positions === 1) return { ...common, top1: labels ? agreement(predictions, labels) : null };
  return { ...common, top1: labels ? pixelAccuracy(predictions, labels) : null, meanIou: labels ? meanIou(predictions, labels, classes) : null };
}

export class Judge {
  constructor(
    readonly set: ImageSet,
    readonly on: "test" | "calibration",
    private readonly emit: (event: LabEvent) => void,
  ) {}

  /** The accuracy of some scores, which people are told too. */
  accuracy(name: AccuracyName, scores: Scores, reference: Scores): Accuracy {
    const accuracy = accuracyOf(scores, reference, this.set);
    this.emit({ type: "accuracy", name, accuracy, on: this.on });
    return accuracy;
  }
}
