/**
 * How much of a device's memory the lab uses, against a budget. Dataset tensors that would exceed it are kept on the
 * host and streamed (streaming.ts); what a program itself needs has to fit, or is refused.
 */
import { BadInput } from "../base/errors";

const MIB = 2 ** 20;

export function mebibytes(bytes: number): number {
  return Math.ceil(bytes / MIB);
}

export class MemoryMeter {
  /** Bytes in use, and the most that ever were. */
  used = 0;
  peak = 0;
  /** Bytes that tensors leave free for the programs to come. */
  reserve = 0;

  /** @param budget in bytes */
  constructor(readonly budget: number) {}

  /** Whether a tensor of so many bytes may stay on the device. */
  fits(bytes: number): boolean {
    return this.used + this.reserve + bytes <= this.budget;
  }

  take(bytes: number): void {
    if (this.used + bytes > this.budget)
      throw new BadInput(
        `This run needs ${mebibytes(this.used + bytes)} MiB of device memory at once, more than its budget of ${mebibytes(this.budget)} MiB; use a smaller batch, a smaller unit, half-precision caches, or a larger budget.`,
      );
    this.used += bytes;
    this.peak = Math.max(this.peak, this.used);
  }

  give(bytes: number): void {
    this.used -= bytes;
  }
}
