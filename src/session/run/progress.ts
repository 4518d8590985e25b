/**
 * How far a run is and how long it will take, from the work that is planned and done.
 *
 * Work is planned in multiply-accumulates, but those of a forward pass, of training and of a search for scales take different
 * times, which depend on the machine. So time is measured by kind of work: what is left of a kind takes as long as what is done of
 * it did. A kind that has not begun is reckoned from those that have, by ratios that were measured on the demo; what little is
 * known of one that has just begun is weighed against that.
 *
 * The time left that is told follows the reckoned one slowly upwards and faster downwards, so that it counts down like a clock and
 * does not jump where units differ.
 */

import { workTime } from "../../engine/yield";
import type { Doing } from "../worker/events";

export const KINDS = ["evaluation", "watching", "weights", "activations", "scales"] as const;
export type Kind = (typeof KINDS)[number];

/** Seconds of a unit of work by kind, relative to an evaluation's (WebAssembly, two threads, the demo's residual network). */
const RATIOS: Readonly<Record<Kind, number>> = { evaluation: 1, watching: 1.3, weights: 1.2, activations: 2, scales: 1 };
/** Share of a kind's work from which on what was measured of it counts more than what was reckoned. */
const TRUSTED = 0.03;
/** Share of the time so far over which the told time follows upwards and downwards, and the least seconds. */
const [UPWARDS, DOWNWARDS, LEAST_SECONDS] = [0.5, 0.05, 0.5];

export interface Told {
  readonly text: string;
  readonly doing: Doing;
  /** 0 to 1, never falling. */
  readonly fraction: number;
  /** Null while nothing is known. */
  readonly secondsLeft: number | null;
}

interface Stretch {
  readonly text: string;
  readonly doing: Doing;
  /** Null where the work was not planned. */
  readonly kind: Kind | null;
  readonly work: number;
}

export class Progress {
  private readonly start: number;
  private readonly done: Record<Kind, number> = { ...NOTHING };
  private readonly seconds: Record<Kind, number> = { ...NOTHING };
  private current: Stretch = { text: "", doing: { what: "loading" }, kind: null, work: 0 };
  /** Of the current stretch. */
  private share = 0;
  private since: number;
  private fraction = 0;
  /** When the run will be over as it was told last, and when that was, in seconds. */
  private end: number | null = null;
  private toldAt = 0;

  /**
   * @param total planned work by kind, in the unit of `begin`'s numbers
   * @param now milliseconds of a clock
   */
  constructor(
    private readonly total: Readonly<Record<Kind, number>>,
    private readonly report: (told: Told) => void,
    private readonly now: () => number = () => workTime(),
  ) {
    this.start = now();
    this.since = this.start;
  }

  /** Starts a stretch of `work` of a kind; the one before counts as done. Of kind null is what was not planned. */
  begin(text: string, doing: Doing, kind: Kind | null, work: number): void {
    this.settle(1);
    this.current = { text, doing, kind, work };
    this.share = 0;
    this.tell();
  }

  /** @param share of the current stretch that is done */
  advance(share: number): void {
    this.settle(share);
    this.tell();
  }

  /** The time since the last look is the current stretch's. */
  private settle(share: number): void {
    const { kind, work } = this.current;
    const now = this.now();
    if (kind) {
      this.done[kind] += (share - this.share) * work;
      this.seconds[kind] += (now - this.since) / 1000;
    }
    this.share = share;
    this.since = now;
  }

  private tell(): void {
    const { text, doing } = this.current;
    const weight = (work: Readonly<Record<Kind, number>>) => KINDS.reduce((sum, kind) => sum + RATIOS[kind] * work[kind], 0);
    this.fraction = Math.max(this.fraction, Math.min(1, weight(this.done) / weight(this.total)));
    this.report({ text, doing, fraction: this.fraction, secondsLeft: this.left() });
  }

  private left(): number | null {
    const elapsed = (this.since - this.start) / 1000;
    // The first moments say little about the rest.
    if (elapsed <= 1 || this.fraction <= 0.02) return null;
    const reckoned = elapsed + this.reckoned();
    const passed = elapsed - this.toldAt;
    this.toldAt = elapsed;
    if (this.end === null) this.end = reckoned;
    else {
      const over = Math.max(LEAST_SECONDS, (reckoned > this.end ? UPWARDS : DOWNWARDS) * elapsed);
      this.end += (reckoned - this.end) * Math.min(1, passed / over);
    }
    return Math.max(0, this.end - elapsed);
  }

  /** Seconds that the rest takes, as far as is known. */
  private reckoned(): number {
    const [spent, worked] = [sum(KINDS.map((kind) => this.seconds[kind])), sum(KINDS.map((kind) => RATIOS[kind] * this.done[kind]))];
    const pace = worked > 0 ? spent / worked : 0;
    return sum(
      KINDS.map((kind) => {
        const left = Math.max(0, this.total[kind] - this.done[kind]);
        const trust = TRUSTED * this.total[kind];
        const rate = (this.seconds[kind] + RATIOS[kind] * pace * trust) / (this.done[kind] + trust || 1);
        return left * rate;
      }),
    );
  }
}

const NOTHING: Readonly<Record<Kind, number>> = { evaluation: 0, watching: 0, weights: 0, activations: 0, scales: 0 };

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
