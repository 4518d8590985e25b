/** What a run of the benchmark leaves behind: one JSON file, from which chart and README are made. */
import type { Outcome } from "./compare";

export interface Comparison extends Outcome {
  readonly work: string;
  /** Our device. */
  readonly device: string;
  readonly against: string;
}

export interface Check {
  readonly name: string;
  readonly value: number | string | boolean;
}

export interface Result {
  readonly machine: string;
  /** WebGPU's adapter, or null where there is none or it was not asked for. */
  readonly adapter: string | null;
  readonly version: string;
  readonly date: string;
  readonly batch: number;
  readonly seconds: number;
  readonly comparisons: readonly Comparison[];
  readonly checks: readonly Check[];
}

/** Collects figures and says each one as it comes. */
export class Report {
  readonly comparisons: Comparison[] = [];
  readonly checks: Check[] = [];

  compared(comparison: Comparison): void {
    this.comparisons.push(comparison);
    const { work, device, against, ratio, ours, theirs, pairs } = comparison;
    console.log(`${work} | ${device} ${short(ours)} ms | ${against} ${short(theirs)} ms | ${short(ratio)}x, ${pairs} pairs`);
  }

  check(name: string, value: Check["value"]): void {
    this.checks.push({ name, value });
    console.log(`${name}: ${typeof value === "number" ? short(value) : value}`);
  }
}

/** Three significant digits, without an exponent. */
export function short(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}
