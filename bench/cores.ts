/**
 * Whether as many cores as the works use really run at once. A virtual machine may lose a core to others for
 * seconds; what two threads do then says nothing about them (a library whose threads spin while they wait
 * becomes a hundred times slower). So threads that do nothing but count are timed alone and together, and
 * a pair of measurements stands only if all cores were there before and after it.
 */
import { Worker } from "node:worker_threads";

const COUNTS = 2e7;

/** Counting alone takes this share of the time of counting together, or more, when the cores are there. */
const SHARE = 0.75;
const PAUSE_MS = 500;

const SPIN = `let x = 1; for (let i = 0; i < ${COUNTS}; i++) x = (x * 1664525 + 1013904223) | 0; return x;`;
const HELPER = `const control = require("node:worker_threads").workerData;
const spin = new Function(${JSON.stringify(SPIN)});
for (let seen = 0; ; ) {
  Atomics.wait(control, 0, seen);
  seen = Atomics.load(control, 0);
  spin();
  Atomics.add(control, 1, 1);
  Atomics.notify(control, 1);
}`;

export class Cores {
  private readonly control = new Int32Array(new SharedArrayBuffer(8));
  private readonly spin = new Function(SPIN) as () => number;
  private readonly helpers: number;

  constructor(threads: number) {
    this.helpers = threads - 1;
    for (let i = 0; i < this.helpers; i++) new Worker(HELPER, { eval: true, workerData: this.control }).unref();
  }

  /** Whether all are there at this moment. */
  free(): boolean {
    const start = performance.now();
    this.spin();
    const alone = performance.now() - start;
    const begin = performance.now();
    Atomics.store(this.control, 1, 0);
    Atomics.add(this.control, 0, 1);
    Atomics.notify(this.control, 0);
    this.spin();
    for (let done = Atomics.load(this.control, 1); done < this.helpers; done = Atomics.load(this.control, 1)) Atomics.wait(this.control, 1, done);
    return alone / (performance.now() - begin) > SHARE;
  }

  /** Waits until they are, `limit` milliseconds at most. */
  async wait(limit: number): Promise<void> {
    for (const end = performance.now() + limit; performance.now() < end && !this.free(); )
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
