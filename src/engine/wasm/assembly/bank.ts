/** Moves images between a bank (one tensor an image, a whole data set) and a batch. */
import { pointer, share, word } from "./memory";

/** Row: bank, indices, batch buffer, batch, elements. */
export function gather(row: usize, tid: i32, threads: i32, iteration: i32): void {
  move(row, tid, threads, iteration, true);
}

export function scatter(row: usize, tid: i32, threads: i32, iteration: i32): void {
  move(row, tid, threads, iteration, false);
}

function move(row: usize, tid: i32, threads: i32, iteration: i32, inwards: bool): void {
  const batch = word(row, 3);
  const bytes = <usize>word(row, 4) << 2;
  for (let i = share(batch, tid, threads); i < share(batch, tid + 1, threads); i++) {
    const image = load<i32>(pointer(row, 1) + (<usize>(iteration * batch + i) << 2));
    const inBank = pointer(row, 0) + <usize>image * bytes;
    const inBatch = pointer(row, 2) + <usize>i * bytes;
    if (inwards) memory.copy(inBatch, inBank, bytes);
    else memory.copy(inBank, inBatch, bytes);
  }
}
