/**
 * Work that stands still: a GPU that never answers, a thread that was killed and left no word, a loop without end. Nothing throws then, so
 * that the page would wait for ever. The worker says every few seconds that it is alive, but only if work has let go since it last said so
 * (engine/yield), and the page counts for how long it has not. It counts its own ticks, not hours: a machine that slept, or a browser
 * that slows down what is hidden, is no reason to give up.
 */
import { heldSince, turnsSoFar } from "../../engine/yield";

/** Milliseconds between two signs of life. */
export const SIGN = 5000;
/** Ticks without one, three minutes: longer than any step of work takes, even a GPU's programs that are compiled on a slow machine. */
const MOST = 36;

/** The worker's side. Where nothing is to be done nothing lets go: the page does not count then. */
export function sayAlive(say: () => void): void {
  let last = turnsSoFar();
  setInterval(() => {
    const now = turnsSoFar();
    if (now !== last || heldSince() !== null) say();
    last = now;
  }, SIGN);
}

/** The page's side. */
export class Watchdog {
  private missed = 0;

  /** @param isAtWork whether the worker has something to do @param stands told once that it stands still */
  constructor(isAtWork: () => boolean, stands: () => void) {
    setInterval(() => {
      this.missed = isAtWork() ? this.missed + 1 : 0;
      if (this.missed < MOST) return;
      this.missed = 0;
      stands();
    }, SIGN);
  }

  /** The worker said something. */
  heard(): void {
    this.missed = 0;
  }
}
