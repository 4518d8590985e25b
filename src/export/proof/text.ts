/** A proof's verdict in words, for the command line and the page. */
import type { Proof } from "./prove";

const number = (value: number) => (value === 0 ? "0" : Number(value.toPrecision(2)).toString());
const percent = (value: number) => `${value.toFixed(1)} %`;

/** "83.3 kB", "3.72 MB". */
export function sizeText(bytes: number): string {
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(2)} MB`;
}

/** One sentence: whether the file gives the lab's network. */
export function verdict(proof: Proof): string {
  const { runtime, images, positions, differing, beyond, tolerance, typical, limit } = proof;
  const [every, some] = positions === 1 ? ["every image", ""] : [`every position of ${positions} in each`, " of their positions"];
  const top1 = differing === 0 ? `${every} has the same top-1 as in the lab` : `${differing}${some} have another top-1 than in the lab`;
  const where = beyond === 0 ? ", and all of them" : `, ${beyond} of them not`;
  const near = differing === 0 ? "" : `${where} where the two highest logits are within ${number(tolerance)}`;
  if (proof.passed) return `Proved with ${runtime} on ${images} images: ${top1}${near}.`;
  const off = typical > limit ? `; logits typically differ by ${number(typical)} where ${number(limit)} is right` : "";
  return `The exported file is wrong: with ${runtime}, of ${images} images ${top1}${near}${off}.`;
}

/** What was measured, a line each. */
export function measurements({ largest, typical, scale, accuracy, bytes, milliseconds }: Proof): readonly string[] {
  return [
    `Logits: largest difference ${number(largest)}, typically ${number(typical)} (largest logit ${number(scale)})`,
    ...(accuracy ? [`Accuracy: ${percent(accuracy.file)}, in the lab ${percent(accuracy.lab)}`] : []),
    `Size: ${sizeText(bytes.file)}, in float ${sizeText(bytes.float)}`,
    `Speed: ${milliseconds.file.toFixed(2)} ms an image, in float ${milliseconds.float.toFixed(2)} ms`,
  ];
}
