/** Moves images between a tensor (one tensor an image, a whole data set) and a batch. */
import { halvesToWords, wordsToHalves } from "./half";
import { pointer, share, word } from "./memory";

/**
 * Row: 0 table (images a chunk, then chunk addresses), 1 indices, 2 batch buffer, 3 batch, 4 elements,
 * 5 stored words an image, 6 whether they are halves, 7 staged iterations or 0 for a resident tensor.
 */
export function gather(row: usize, tid: i32, threads: i32, iteration: i32): void {
  const batch = word(row, 3);
  const elements = word(row, 4);
  for (let i = share(batch, tid, threads); i < share(batch, tid + 1, threads); i++) {
    const to = pointer(row, 2) + (<usize>(i * elements) << 2);
    const from = place(row, iteration, i);
    if (word(row, 6)) halvesToWords(from, to, elements);
    else memory.copy(to, from, <usize>elements << 2);
  }
}

export function scatter(row: usize, tid: i32, threads: i32, iteration: i32): void {
  const batch = word(row, 3);
  const elements = word(row, 4);
  for (let i = share(batch, tid, threads); i < share(batch, tid + 1, threads); i++) {
    const from = pointer(row, 2) + (<usize>(i * elements) << 2);
    const to = place(row, iteration, i);
    if (word(row, 6)) wordsToHalves(from, to, elements);
    else memory.copy(to, from, <usize>elements << 2);
  }
}

/** Address in the tensor of the image at place `i` of the batch. */
@inline
function place(row: usize, iteration: i32, i: i32): usize {
  const batch = word(row, 3);
  const window = word(row, 7);
  const image = window ? (iteration % window) * batch + i : load<i32>(pointer(row, 1) + (<usize>(iteration * batch + i) << 2));
  const table = pointer(row, 0);
  const each = load<i32>(table);
  const chunk = image / each;
  return <usize>load<u32>(table + 4 + (<usize>chunk << 2)) + ((<usize>(image - chunk * each) * <usize>word(row, 5)) << 2);
}
