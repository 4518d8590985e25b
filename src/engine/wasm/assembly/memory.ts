/** Reading a kernel's arguments: a plan row is a run of 32-bit words, floats stored by their bits. */

@inline
export function word(row: usize, index: i32): i32 {
  return load<i32>(row + (<usize>index << 2));
}

@inline
export function pointer(row: usize, index: i32): usize {
  return <usize>load<u32>(row + (<usize>index << 2));
}

@inline
export function real(row: usize, index: i32): f32 {
  return load<f32>(row + (<usize>index << 2));
}

/** First item of the share of `total` items that thread `tid` of `threads` works on. */
@inline
export function share(total: i32, tid: i32, threads: i32): i32 {
  return <i32>((<i64>total * <i64>tid) / <i64>threads);
}
