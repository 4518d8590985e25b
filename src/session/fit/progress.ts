/**
 * One progress and one time left for all that a fit does. What it will do is planned in multiply-accumulates; since the
 * kinds of work differ in how fast they go, and later tries take units from earlier ones, the time left goes by the
 * speed that each kind has had so far. The bar never goes back, though how many tries there will be is known only at
 * the end.
 */

import { workTime } from "../../engine/yield";
import type { LabEvent } from "../worker/events";

export type WorkKind = "sensitivity" | "try";

type Told = Extract<LabEvent, { type: "progress" }>;

interface Speed {
  work: number;
  seconds: number;
}

export class FitProgress {
  private readonly speeds: Record<WorkKind, Speed> = { sensitivity: { work: 0, seconds: 0 }, try: { work: 0, seconds: 0 } };
  private now: { readonly kind: WorkKind; readonly started: number; readonly prefix: string } | null = null;
  private done = 0;
  private share = 0;
  private triesLeft: number;
  private shown = 0;

  /** @param work of measuring, and of one try @param tries at most */
  constructor(
    private readonly work: Readonly<Record<WorkKind, number>>,
    tries: number,
    private readonly report: (event: Told) => void,
  ) {
    this.triesLeft = tries;
  }

  /** @param triesLeft how many there may be from here on, this one included @param prefix of the texts */
  begin(kind: WorkKind, triesLeft: number, prefix: string): void {
    this.finish();
    this.triesLeft = triesLeft - (kind === "try" ? 1 : 0);
    this.now = { kind, started: workTime(), prefix };
    this.share = 0;
  }

  /** What the part that is under way tells of itself. */
  advance({ text, fraction, doing }: Pick<Told, "text" | "fraction" | "doing">): void {
    if (!this.now) return;
    this.share = fraction;
    const { kind, prefix } = this.now;
    const left = (1 - fraction) * this.work[kind];
    const later = this.triesLeft * this.work.try;
    const reached = this.done + fraction * this.work[kind];
    this.shown = Math.max(this.shown, reached / (reached + left + later));
    this.report({
      type: "progress",
      text: `${prefix}${text}`,
      fraction: this.shown,
      secondsLeft: this.secondsLeft(left),
      ...(doing ? { doing } : {}),
    });
  }

  private finish(): void {
    if (!this.now) return;
    const { kind, started } = this.now;
    this.speeds[kind].work += this.work[kind];
    this.speeds[kind].seconds += (workTime() - started) / 1000;
    this.done += this.work[kind];
    this.now = null;
  }

  /** Null as long as too little is known. */
  private secondsLeft(left: number): number | null {
    if (!this.now) return null;
    const { kind, started } = this.now;
    const elapsed = (workTime() - started) / 1000;
    const paceOf = (of: WorkKind): number | null => {
      const { work, seconds } = this.speeds[of];
      // What has just begun says little.
      const current = of === kind && elapsed > 1 && this.share > 0.03;
      if (work === 0 && !current) return null;
      return (seconds + (current ? elapsed : 0)) / (work + (current ? this.share * this.work[of] : 0));
    };
    const own = paceOf(kind);
    const tries = paceOf("try") ?? own;
    if (own === null || tries === null) return null;
    return left * own + this.triesLeft * this.work.try * tries;
  }
}
