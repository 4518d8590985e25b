/** The time left of an experiment's whole queue. */
import { expect, test } from "vitest";
import { QueueClock } from "../../src/session/experiments/queue";

test("runs to come are as long as the first is expected to be, then as long as those that are done", () => {
  let now = 0;
  const clock = new QueueClock(4, () => now);
  clock.begin();
  expect(clock.at(0, 0, null)).toEqual({ fraction: 0, secondsLeft: null });
  now = 10_000;
  expect(clock.at(0, 0.5, 10)).toEqual({ fraction: 0.125, secondsLeft: 10 + 3 * 20 });
  now = 24_000;
  clock.finished();
  clock.begin();
  // The second run does not know its own time yet.
  expect(clock.at(1, 0, null)).toEqual({ fraction: 0.25, secondsLeft: 24 + 2 * 24 });
  now = 30_000;
  expect(clock.at(1, 0.25, 18)).toEqual({ fraction: 0.3125, secondsLeft: 18 + 2 * 24 });
});
