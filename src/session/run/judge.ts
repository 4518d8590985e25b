/** Accuracy of scores on the images that a run is judged on. */
import type { ImageSet } from "../../data/images";
import { agreement, type Scores } from "../../network/evaluate";
import type { LabEvent } from "../worker/events";
import type { Accuracy, AccuracyName } from "./report";

export function accuracyOf(scores: Scores, reference: Scores, set: ImageSet): Accuracy {
  return {
    top1: set.labels ? agreement(scores.predictions, set.labels) : null,
    agreement: agreement(scores.predictions, reference.predictions),
    images: scores.predictions.length,
  };
}

export class Judge {
  constructor(
    readonly set: ImageSet,
    private readonly on: "test" | "calibration",
    private readonly emit: (event: LabEvent) => void,
  ) {}

  /** The accuracy of some scores, which people are told too. */
  accuracy(name: AccuracyName, scores: Scores, reference: Scores): Accuracy {
    const accuracy = accuracyOf(scores, reference, this.set);
    this.emit({ type: "accuracy", name, accuracy, on: this.on });
    return accuracy;
  }
}
