/** What a run of the benchmark leaves behind: one JSON file, from which chart and README are made. */
import { writeFileSync } from "node:fs";
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

/** One device's part. */
export interface DeviceResult {
  /** WebGPU's adapter, or null where there is none or it was not asked for. */
  readonly adapter: string | null;
  readonly comparisons: readonly Comparison[];
  readonly checks: readonly Check[];
}

export interface Result extends DeviceResult {
  readonly machine: string;
  readonly version: string;
  readonly date: string;
  readonly batch: number;
  readonly seconds: number;
}

/** Collects figures, says each one as it comes, and keeps them in a file in case the process ends early. */
export class Report {
  private readonly comparisons: Comparison[] = [];
  private readonly checks: Check[] = [];

  constructor(
    private readonly file: string,
    private readonly adapter: string | null,
  ) {}

  compared(comparison: Comparison): void {
    this.comparisons.push(comparison);
    const { work, device, against, ratio, ours, theirs, pairs } = comparison;
    console.log(`${work} | ${device} ${short(ours)} ms | ${against} ${short(theirs)} ms | ${short(ratio)}x, pairs: ${pairs}`);
    this.save();
  }

  check(name: string, value: Check["value"]): void {
    this.checks.push({ name, value });
    console.log(`${name}: ${typeof value === "number" ? short(value) : value}`);
    this.save();
  }

  private save(): void {
    const { adapter, comparisons, checks } = this;
    writeFileSync(this.file, JSON.stringify({ adapter, comparisons, checks } satisfies DeviceResult));
  }
}

/** Three significant digits, without an exponent. */
export function short(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}
