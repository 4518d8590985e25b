/**
 * The barrier between rows. Control words at a fixed address: 0 arrivals, 4 generation. Waiting spins
 * briefly, since a row takes microseconds, and then sleeps, since another page may want the processor.
 */

export const CONTROL: usize = 64;
const SPINS: i32 = 20000;

export function barrier(threads: i32): void {
  if (threads == 1) return;
  const generation = atomic.load<i32>(CONTROL, 4);
  if (atomic.add<i32>(CONTROL, 1) == threads - 1) {
    atomic.store<i32>(CONTROL, 0);
    atomic.store<i32>(CONTROL, generation + 1, 4);
    if (ASC_SHARED_MEMORY) atomic.notify(CONTROL + 4, -1);
    return;
  }
  for (let i = 0; i < SPINS; i++) if (atomic.load<i32>(CONTROL, 4) != generation) return;
  while (atomic.load<i32>(CONTROL, 4) == generation) if (ASC_SHARED_MEMORY) atomic.wait<i32>(CONTROL + 4, generation, -1);
}
