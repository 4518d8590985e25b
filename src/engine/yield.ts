/**
 * Where long work lets go. Between two chunks it yields, so that a cancel or a message gets through; and there it waits while it is held
 * (a pause), with all its memory as it is. One worker does one piece of work, so there is one hold for all of it.
 */

interface Hold {
  /** When it began, in milliseconds of `performance.now`. */
  readonly since: number;
  readonly over: Promise<void>;
  end(): void;
}

let hold: Hold | null = null;
/** Milliseconds of all holds that are over. */
let heldBefore = 0;

let turns = 0;

/** How often work has let go so far: where the number stays the same, it stands still. */
export function turnsSoFar(): number {
  return turns;
}

/** Lets the event loop turn, held or not. `setTimeout` would wait 4 ms each time in a browser; a message to oneself does not. */
export function turnEvents(): Promise<void> {
  turns++;
  if (typeof setImmediate === "function") return new Promise((resolve) => setImmediate(resolve));
  return new Promise((resolve) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
      channel.port1.close();
      resolve();
    };
    channel.port2.postMessage(null);
  });
}

/** Waits while work is held. */
export function whileHeld(): Promise<void> {
  return hold?.over ?? Promise.resolve();
}

/** Lets the event loop turn between two chunks of work, and waits while it is held. */
export async function yieldToEvents(): Promise<void> {
  await turnEvents();
  await whileHeld();
}

/** Holds all work at its next yield. */
export function holdWork(): void {
  if (hold) return;
  let end = () => {};
  const over = new Promise<void>((resolve) => {
    end = resolve;
  });
  hold = { since: performance.now(), over, end };
}

/** Lets held work go on. */
export function releaseWork(): void {
  if (!hold) return;
  heldBefore += performance.now() - hold.since;
  hold.end();
  hold = null;
}

/** Since when work is held, in milliseconds of `performance.now`; null where it is not. */
export function heldSince(): number | null {
  return hold?.since ?? null;
}

/** Milliseconds like `performance.now`, without the time for which work was held. */
export function workTime(): number {
  return (hold?.since ?? performance.now()) - heldBefore;
}
