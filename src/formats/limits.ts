/**
 * What reading a file may take. Numbers that a file holds are bounded by its bytes; numbers that it only asks for (a
 * ConstantOfShape, an Expand, a factor repeated for each channel) are not: a file of a hundred bytes can ask for terabytes.
 * Each reading therefore has a budget for what it makes of little, which is spent before anything is allocated. Constants of
 * one repeated number have an allowance of their own: networks without their weights, as ONNX's backend tests have them, are
 * made of such, up to VGG-19's 144 million.
 */
import type { BadInput } from "../base/errors";

/** Numbers that any file may ask for, and how many more for each that it holds: weights are transposed, scaled, dequantized. */
const ALLOWED = { always: 2 ** 23, each: 8, repeated: 160e6, eachRepeated: 2 } as const;

export class Budget {
  private left: number = ALLOWED.always;
  private repeated: number = ALLOWED.repeated;

  /** Tells of numbers that the file holds. */
  hold(count: number): void {
    this.left += ALLOWED.each * count;
  }

  /** As `spend`, for a constant of one repeated number, which the file then holds as it were. */
  repeat(count: number, fail: (reason: string) => BadInput): void {
    if (!(count >= 0 && count <= this.repeated)) return this.spend(count, fail);
    this.repeated -= count;
    this.left += ALLOWED.eachRepeated * count;
  }

  /**
   * To be called before an array of so many numbers is made.
   * @param fail makes the error of a reason, which names file and node
   * @throws BadInput where the file has asked for too much
   */
  spend(count: number, fail: (reason: string) => BadInput): void {
    this.left -= count;
    // Not a number: a shape that is none.
    if (!(count >= 0 && this.left >= 0))
      throw fail(`asks for ${count} numbers, far more than the file holds; it is damaged, or no network of the size that the lab reads`);
  }
}
