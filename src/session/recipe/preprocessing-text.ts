/** A recipe's preprocessing in words; always told, since a forgotten mean costs accuracy without an error. */
import type { Preprocessing } from "../../data/preprocess";

/** The preprocessing in force, as people read it. */
export function preprocessingText({ resize, crop, mean, std, channelOrder }: Preprocessing): string {
  const size = [
    resize === null ? [] : typeof resize === "number" ? [`shorter side resized to ${resize}`] : [`resized to ${resize.join("x")}`],
    crop ? [`centre crop ${crop.join("x")}`] : [],
  ].flat();
  const numbers = (values: readonly number[]) => values.map((value) => Number(value.toPrecision(4))).join(", ");
  return [
    ...(size.length > 0 ? size : ["size unchanged"]),
    `mean ${numbers(mean)}`,
    `std ${numbers(std)}`,
    channelOrder === "rgb" ? "RGB" : "BGR",
  ].join("; ");
}
