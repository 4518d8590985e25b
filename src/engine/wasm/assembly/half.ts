/**
 * IEEE 754 half floats to and from singles, four at a time, rounded to nearest with ties to even; the same
 * arithmetic as engine/storage.ts. WebAssembly has no half instructions.
 */

/** Four halves in the low 16 bits of each lane, as singles. */
@inline
function fromHalf4(halves: v128): v128 {
  const size = v128.and(halves, i32x4.splat(0x7fff));
  const sign = i32x4.shl(v128.and(halves, i32x4.splat(0x8000)), 16);
  const shifted = i32x4.shl(size, 13);
  const finite = f32x4.mul(shifted, f32x4.splat(5.192296858534828e33));
  const beyond = v128.or(shifted, i32x4.splat(0x7f800000));
  return v128.or(v128.bitselect(beyond, finite, i32x4.ge_s(size, i32x4.splat(0x7c00))), sign);
}

/** Four singles as halves in the low 16 bits of each lane. */
@inline
function toHalf4(value: v128): v128 {
  const sign = v128.and(i32x4.shr_u(value, 16), i32x4.splat(0x8000));
  const size = v128.and(value, i32x4.splat(0x7fffffff));
  const small = i32x4.sub(f32x4.add(size, f32x4.splat(0.5)), i32x4.splat(0x3f000000));
  const odd = v128.and(i32x4.shr_u(size, 13), i32x4.splat(1));
  const normal = i32x4.shr_u(i32x4.add(i32x4.sub(size, i32x4.splat(0x38000000 - 0xfff)), odd), 13);
  let half = v128.bitselect(small, normal, i32x4.lt_s(size, i32x4.splat(0x38800000)));
  half = v128.bitselect(i32x4.splat(0x7c00), half, i32x4.ge_s(size, i32x4.splat(0x477ff000)));
  half = v128.bitselect(i32x4.splat(0x7e00), half, i32x4.gt_s(size, i32x4.splat(0x7f800000)));
  return v128.or(half, sign);
}

/** `elements` halves to singles. */
export function halvesToWords(from: usize, to: usize, elements: i32): void {
  let i = 0;
  for (; i + 8 <= elements; i += 8) {
    const eight = v128.load(from + (<usize>i << 1));
    v128.store(to + (<usize>i << 2), fromHalf4(i32x4.extend_low_i16x8_u(eight)));
    v128.store(to + (<usize>i << 2), fromHalf4(i32x4.extend_high_i16x8_u(eight)), 16);
  }
  for (; i < elements; i++) store<f32>(to + (<usize>i << 2), f32x4.extract_lane(fromHalf4(i32x4.splat(load<u16>(from + (<usize>i << 1)))), 0));
}

/** `elements` singles to halves; the other half of a last odd word becomes zero. */
export function wordsToHalves(from: usize, to: usize, elements: i32): void {
  let i = 0;
  for (; i + 8 <= elements; i += 8) {
    const low = toHalf4(v128.load(from + (<usize>i << 2)));
    const high = toHalf4(v128.load(from + (<usize>i << 2), 16));
    v128.store(to + (<usize>i << 1), i16x8.narrow_i32x4_u(low, high));
  }
  for (; i < elements; i++) store<u16>(to + (<usize>i << 1), <u16>i32x4.extract_lane(toHalf4(f32x4.splat(load<f32>(from + (<usize>i << 2)))), 0));
  if (elements & 1) store<u16>(to + (<usize>elements << 1), 0);
}
