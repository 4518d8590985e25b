/**
 * What a convolution does to a sum as it writes it: add the residual (or what a gradient held before),
 * then clamp, or mask. Rows of all convolutions keep these at the same places: 3 residual, 4 out, 5 mask
 * value, 28 flags (1 clamp, 2 mask), 29 low, 30 high.
 */
import { pointer, real, word } from "./memory";

// @ts-ignore: decorator
@inline
function finished(row: usize, byte: usize, sum: v128): v128 {
  const residual = pointer(row, 3);
  const flags = word(row, 28);
  let y = sum;
  if (residual) y = f32x4.add(y, v128.load(residual + byte));
  if (flags) {
    const low = f32x4.splat(real(row, 29));
    const high = f32x4.splat(real(row, 30));
    if (flags & 1) y = f32x4.pmin(f32x4.pmax(y, low), high);
    else {
      const value = v128.load(pointer(row, 5) + byte);
      y = v128.and(y, v128.and(f32x4.gt(value, low), f32x4.lt(value, high)));
    }
  }
  return y;
}

/** Four channels of word `at` on. */
// @ts-ignore: decorator
@inline
export function finish4(row: usize, at: i32, sum: v128): void {
  const byte = <usize>at << 2;
  v128.store(pointer(row, 4) + byte, finished(row, byte, sum));
}

/** The first `lanes` of four: the last channels of a pixel may be fewer than a vector. */
export function finishLanes(row: usize, at: i32, sum: v128, lanes: i32): void {
  if (lanes >= 4) {
    finish4(row, at, sum);
    return;
  }
  const byte = <usize>at << 2;
  const y = finished(row, byte, sum);
  const to = pointer(row, 4) + byte;
  if (lanes > 0) store<f32>(to, f32x4.extract_lane(y, 0));
  if (lanes > 1) store<f32>(to, f32x4.extract_lane(y, 1), 4);
  if (lanes > 2) store<f32>(to, f32x4.extract_lane(y, 2), 8);
}
