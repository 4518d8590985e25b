/**
 * The barrier between rows. Control words at a fixed address: 0 arrivals, 4 generation, 128 sleepers. Waiting
 * spins briefly, since a row takes microseconds, and then sleeps, since another page may want the processor;
 * the last to arrive wakes the others only if one sleeps.
 */

export const CONTROL: usize = 64;
const SPINS: i32 = 20000;

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
  while (atomic.load<i32>(CONTROL, 4) == generation) if (ASC_SHARED_MEMORY) atomic.wait<i32>(CONTROL + 4, generation, -1);
  atomic.sub<i32>(CONTROL + 128, 1);
}
