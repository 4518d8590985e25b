/**
 * G g G' for every channel pair of an HWIO 3x3 kernel, as panels [36][block of 8 channels][depth][8], four
 * kernels at a time. Turned around and with its channels exchanged it is the kernel of the input gradient.
 */
import { pointer, share, word } from "./memory";

/** Row: 0 w, 1 panels, 2 c, 3 k, 4 flipped. c and k are multiples of four. */
export function winogradKernel(row: usize, tid: i32, threads: i32): void {
  const c = word(row, 2);
  const k = word(row, 3);
  const flipped = word(row, 4);
  const channels = flipped ? c : k;
  const depth = flipped ? k : c;
  const blocks = (channels + 7) >> 3;
  const plane = <usize>(blocks * depth) << 5;
  for (let block = share(blocks, tid, threads); block < share(blocks, tid + 1, threads); block++) {
    for (let half = 0; half < 8; half += 4) {
      const channel = (block << 3) + half;
      const to = pointer(row, 1) + (<usize>(block * depth) << 5) + (<usize>half << 2);
      if (channel >= channels) clearHalf(to, depth, plane);
      else if (flipped) turnedHalf(pointer(row, 0), c, k, channel, to, plane);
      else plainHalf(pointer(row, 0), c, k, channel, to, plane);
    }
  }
}

function clearHalf(to: usize, depth: i32, plane: usize): void {
  for (let p: usize = 0; p < 36; p++) for (let d = 0; d < depth; d++) v128.store(to + p * plane + (<usize>d << 5), f32x4.splat(0));
}

/** Four output channels are neighbours in memory: the vector runs over them. */
function plainHalf(w: usize, c: i32, k: i32, channel: i32, to: usize, plane: usize): void {
  for (let d = 0; d < c; d++) transform(w + (<usize>(d * k + channel) << 2), <usize>(c * k) << 2, to + (<usize>d << 5), plane);
}

/**
 * Turned around, four neighbours in memory are four depths of one channel: they are transformed so, for four
 * channels, and each of the 36 results is transposed 4x4 in place.
 */
function turnedHalf(w: usize, c: i32, k: i32, channel: i32, to: usize, plane: usize): void {
  const tap = <usize>(c * k) << 2;
  for (let d = 0; d < k; d += 4) {
    const at = to + (<usize>d << 5);
    for (let i = 0; i < 4; i++)
      transform(w + 8 * tap + (<usize>((channel + i) * k + d) << 2), 0 - tap, at + (<usize>i << 5), plane);
    for (let p: usize = 0; p < 36; p++) transpose(at + p * plane);
  }
}

/** Transposes 4x4 words whose rows are 32 bytes apart. */
@inline
function transpose(at: usize): void {
  const a = v128.load(at);
  const b = v128.load(at, 32);
  const c = v128.load(at, 64);
  const d = v128.load(at, 96);
  const ab0 = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
  const ab1 = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
  const cd0 = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
  const cd1 = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
  v128.store(at, v128.shuffle<i64>(ab0, cd0, 0, 2));
  v128.store(at, v128.shuffle<i64>(ab0, cd0, 1, 3), 32);
  v128.store(at, v128.shuffle<i64>(ab1, cd1, 0, 2), 64);
  v128.store(at, v128.shuffle<i64>(ab1, cd1, 1, 3), 96);
}

/** Six values from three by G, to places `step` bytes apart. */
@inline
function grow(g0: v128, g1: v128, g2: v128, to: usize, step: usize): void {
  const even = f32x4.add(g0, g2);
  const near = f32x4.add(f32x4.mul(g0, f32x4.splat(1.0 / 24.0)), f32x4.mul(g2, f32x4.splat(1.0 / 6.0)));
  const odd = f32x4.mul(g1, f32x4.splat(1.0 / 12.0));
  v128.store(to, f32x4.mul(g0, f32x4.splat(0.25)));
  v128.store(to + step, f32x4.mul(f32x4.add(even, g1), f32x4.splat(-1.0 / 6.0)));
  v128.store(to + 2 * step, f32x4.mul(f32x4.sub(even, g1), f32x4.splat(-1.0 / 6.0)));
  v128.store(to + 3 * step, f32x4.add(near, odd));
  v128.store(to + 4 * step, f32x4.sub(near, odd));
  v128.store(to + 5 * step, g2);
}

/** G g G' of four kernels whose nine taps are `tap` bytes apart: columns first, then each row in place. */
function transform(from: usize, tap: usize, to: usize, plane: usize): void {
  for (let s: usize = 0; s < 3; s++) {
    const g = from + s * tap;
    grow(v128.load(g), v128.load(g + 3 * tap), v128.load(g + 6 * tap), to + s * plane, 6 * plane);
  }
  for (let r: usize = 0; r < 6; r++) {
    const at = to + 6 * r * plane;
    grow(v128.load(at), v128.load(at + plane), v128.load(at + 2 * plane), at, plane);
  }
}
