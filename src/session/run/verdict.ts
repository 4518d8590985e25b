/**
 * What a run came to, in one sentence: "0.70 MB to 0.05 MB; rounding alone loses 30.7 points, this loses 0.9". Every run
 * ends with it, on the page, on a terminal and in a shared result. The numbers are one function of the report; the
 * English sentence is another, and a page makes its own from the same numbers in whichever language it speaks.
 */
import type { Accuracy, AccuracyName, Report } from "./report";

/** What a loss is counted in: points of top-1, of pixel accuracy, or percent of images (positions) that change class. */
export type Measure = "top1" | "pixels" | "agreement";

export interface Verdict {
  /** `nearest` where rounding to nearest is all that was done. */
  readonly kind: "method" | "nearest";
  readonly measure: Measure;
  /** Bytes; null in reports that do not say. */
  readonly size: { readonly fullPrecision: number; readonly quantized: number } | null;
  /** Points below full precision, under 0 for a gain. */
  readonly lost: { readonly nearest: number; readonly quantized: number };
  /** Accuracy in percent by the measure. */
  readonly accuracy: Readonly<Record<AccuracyName, number>>;
  readonly images: number;
}

export type JudgedReport = Pick<Report, "recipe" | "accuracy" | "size">;

export function verdictOf({ recipe, accuracy, size }: JudgedReport): Verdict {
  const measure = measureOf(accuracy.fullPrecision);
  const by = (name: AccuracyName) => percentBy(measure, accuracy[name]);
  const percent = { fullPrecision: by("fullPrecision"), nearest: by("nearest"), quantized: by("quantized") };
  return {
    kind: recipe.method === "nearest" ? "nearest" : "method",
    measure,
    size: size ?? null,
    lost: { nearest: percent.fullPrecision - percent.nearest, quantized: percent.fullPrecision - percent.quantized },
    accuracy: percent,
    images: accuracy.quantized.images,
  };
}

/** What an accuracy is judged by: labels where there are any, else the full-precision network. */
export function measureOf({ top1, meanIou }: Accuracy): Measure {
  if (top1 === null) return "agreement";
  return meanIou === undefined ? "top1" : "pixels";
}

/** An accuracy in percent by a measure. */
export function percentBy(measure: Measure, { top1, agreement }: Accuracy): number {
  return measure === "agreement" ? agreement : (top1 as number);
}

/** What a loss says once it is rounded to tenths of a point, which is how it is told. */
export function change(lost: number): { readonly kind: "loses" | "gains" | "same"; readonly points: number } {
  const points = Math.abs(Math.round(10 * lost) / 10);
  if (points === 0) return { kind: "same", points };
  return { kind: lost > 0 ? "loses" : "gains", points };
}

/** The verdict in English, without a full stop. */
export function verdictText({ kind, measure, size, lost }: Verdict): string {
  const sizes = size ? `${megabytes(size.fullPrecision)} to ${megabytes(size.quantized)}; ` : "";
  const [nearest, own] = [change(lost.nearest), change(lost.quantized)];
  if (measure === "agreement") {
    const changed = ({ points }: typeof own) => (points === 0 ? "no image" : `${points.toFixed(1)} % of images`);
    if (kind === "nearest") return `${sizes}rounding to nearest changes the class of ${changed(own)}`;
    return `${sizes}rounding alone changes the class of ${changed(nearest)}, this of ${changed(own)}`;
  }
  const unit = measure === "pixels" ? "points of pixel accuracy" : "points";
  const said = (of: typeof own, withUnit: boolean) =>
    of.kind === "same" ? "loses nothing" : `${of.kind} ${of.points.toFixed(1)}${withUnit ? ` ${unit}` : ""}`;
  if (kind === "nearest") return `${sizes}rounding to nearest ${said(own, true)}`;
  return `${sizes}rounding alone ${said(nearest, true)}, this ${said(own, nearest.kind === "same")}`;
}

/** "0.70 MB", "0.094 MB", "11.2 MB": two digits at least, in one unit, so that two sizes compare at a glance. */
export function megabytes(bytes: number): string {
  return `${megabyteDigits(bytes / 1e6)} MB`;
}

function megabyteDigits(value: number): string {
  if (value >= 10) return value.toFixed(1);
  return value >= 0.1 ? value.toFixed(2) : Number(value.toPrecision(2)).toString();
}
