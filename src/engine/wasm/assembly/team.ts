/**
 * The threads: a barrier, and the wait for work.
 *
 * Control words at a fixed address: 0 arrivals, 4 barrier generation, 8 job number, 12..32 the job
 * (plan, rows, first, last, threads). Waiting spins briefly, since a row takes microseconds, and then
 * sleeps, since another page may want the processor.
 */
import { run } from "./plan";

const CONTROL: usize = 64;
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

/** A worker's life: waits for a job number other than the last, runs its share, and waits again; job -1 ends it. */
export function serve(tid: i32): void {
  let seen = 0;
  for (;;) {
    while (atomic.load<i32>(CONTROL, 8) == seen) if (ASC_SHARED_MEMORY) atomic.wait<i32>(CONTROL + 8, seen, -1);
    seen = atomic.load<i32>(CONTROL, 8);
    if (seen == -1) return;
    const job = CONTROL + 12;
    run(load<u32>(job), load<i32>(job, 4), load<i32>(job, 8), load<i32>(job, 12), tid, load<i32>(job, 16));
  }
}
