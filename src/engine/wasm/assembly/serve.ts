/**
 * A helper thread's life. Control words, after the barrier's: 8 job number, 12..32 the job (plan, rows,
 * first, last, threads).
 */
import { CONTROL } from "./barrier";
import { run } from "./plan";

/** Waits for a job number other than the last, runs its share, and waits again; job -1 ends it. */
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
