/**
 * What reading a file may take. Numbers that a file holds are bounded by its bytes; numbers that it only asks for (a
 * ConstantOfShape, an Expand, a factor repeated for each channel) are not: a file of a hundred bytes can ask for terabytes.
 * Each reading therefore has a budget for what it makes of little, which is spent before anything is allocated.
 */
import type { BadInput } from "../base/errors";

/** Numbers that any file may ask for, and how many more for each that it holds: weights are transposed, scaled, dequantized. */
const ALLOWED = { always: 2 ** 23, each: 8 } as const;

export class Budget {
  private left: number = ALLOWED.always;

  /** Tells of numbers that the file holds. */
  hold(count: number): void {
    this.left += ALLOWED.each * count;
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
