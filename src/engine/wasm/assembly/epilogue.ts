/**
 * What a convolution does to a sum as it writes it: add the residual (or what a gradient held before),
 * then clamp, or mask. Rows of all convolutions keep these at the same places: 3 residual, 4 out, 5 mask
 * value, 28 flags (1 clamp, 2 mask), 29 low, 30 high.
 */
import { pointer, real, word } from "./memory";

/** The epilogue with its settings already read: inner loops read the row once. */
@inline
export function finished(sum: v128, byte: usize, residual: usize, mask: usize, flags: i32, low: v128, high: v128): v128 {
  let y = sum;
  if (residual) y = f32x4.add(y, v128.load(residual + byte));
  if (flags & 1) y = f32x4.pmin(f32x4.pmax(y, low), high);
  if (flags & 2) {
    const value = v128.load(mask + byte);
    y = v128.and(y, v128.and(f32x4.gt(value, low), f32x4.lt(value, high)));
  }
  return y;
}

/** The epilogue of one vector, settings and all. */
@inline
function finishedRow(row: usize, byte: usize, sum: v128): v128 {
  const low = f32x4.splat(real(row, 29));
  return finished(sum, byte, pointer(row, 3), pointer(row, 5), word(row, 28), low, f32x4.splat(real(row, 30)));
}

/** The first `lanes` of four: the last channels of a pixel may be fewer than a vector. */
export function finishLanes(row: usize, at: i32, sum: v128, lanes: i32): void {
  const byte = <usize>at << 2;
  const y = finishedRow(row, byte, sum);
  const to = pointer(row, 4) + byte;
  if (lanes >= 4) {
    v128.store(to, y);
    return;
  }
  if (lanes > 0) store<f32>(to, f32x4.extract_lane(y, 0));
  if (lanes > 1) store<f32>(to, f32x4.extract_lane(y, 1), 4);
  if (lanes > 2) store<f32>(to, f32x4.extract_lane(y, 2), 8);
}
