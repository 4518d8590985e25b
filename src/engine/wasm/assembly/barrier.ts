/**
 * The barrier between rows. Control words at a fixed address: 0 arrivals, 4 generation, 128 sleepers, 132 failure.
 * Waiting spins briefly, since a row takes microseconds, and then sleeps, since another page may want the processor;
 * the last to arrive wakes the others only if one sleeps.
 *
 * A thread that died never arrives. One that trapped leaves word (workers.ts), and those that wait trap too; one that was
 * killed leaves none, so that waiting ends after a minute, which no row takes. Sleep is counted in seconds awake: a
 * machine that was suspended does not run out of them.
 */

export const CONTROL: usize = 64;
const SPINS: i32 = 20000;
const SECOND: i64 = 1_000_000_000;
const MOST_SECONDS: i32 = 60;

export function barrier(threads: i32): void {
  if (threads == 1) return;
  const generation = atomic.load<i32>(CONTROL, 4);
  if (atomic.add<i32>(CONTROL, 1) == threads - 1) {
    atomic.store<i32>(CONTROL, 0);
    atomic.store<i32>(CONTROL, generation + 1, 4);
    if (ASC_SHARED_MEMORY && atomic.load<i32>(CONTROL, 128) > 0) atomic.notify(CONTROL + 4, -1);
    return;
  }
  for (let i = 0; i < SPINS; i++) if (atomic.load<i32>(CONTROL, 4) != generation) return;
  atomic.add<i32>(CONTROL + 128, 1);
  let seconds = 0;
  while (atomic.load<i32>(CONTROL, 4) == generation) {
    if (atomic.load<i32>(CONTROL, 132) != 0) unreachable();
    // 2: the time has passed and nobody has woken us.
    if (ASC_SHARED_MEMORY && atomic.wait<i32>(CONTROL + 4, generation, SECOND) == 2 && ++seconds >= MOST_SECONDS) {
      atomic.store<i32>(CONTROL, 1, 132);
      unreachable();
    }
  }
  atomic.sub<i32>(CONTROL + 128, 1);
}
