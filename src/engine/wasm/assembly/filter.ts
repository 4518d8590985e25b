/**
 * The gradient of a convolution to its kernel: for every window word j and channel k,
 * dw[j, k] = sum over positions of window[position, j] * dout[position, k].
 *
 * The batch is cut into a fixed number of parts, each with a partial sum of its own; whichever thread
 * computes a part, its bits are the same; the parts are added in order. Within a part, a group of rows is packed as for the forward
 * pass and stays in the first-level cache while tiles of four window words by eight channels sweep it.
 */
import { barrier } from "./barrier";
import { packRows } from "./window";
import { pointer, share, word } from "./memory";

/**
 * Row: 0 x, 1 dout, 2 dw, 3 memory for the partial sums, 4 their number, 6 scratch, 7 scratch bytes a thread,
 * 8..23 geometry as in convRows, 26 rows a group, 27 direct.
 */
export function filterGrad(row: usize, tid: i32, threads: i32): void {
  const parts = word(row, 4);
  const n = word(row, 8);
  const size = word(row, 15) * word(row, 16) * (word(row, 11) / word(row, 23)) * word(row, 14);
  for (let part = share(parts, tid, threads); part < share(parts, tid + 1, threads); part++) {
    const dw = pointer(row, 3) + (<usize>(part * padded(size)) << 2);
    memory.fill(dw, 0, <usize>size << 2);
    for (let image = share(n, part, parts); image < share(n, part + 1, parts); image++) filterGradImage(row, tid, image, dw);
  }
  barrier(threads);
  addParts(pointer(row, 3), parts, size, pointer(row, 2), tid, threads);
}

@inline
function padded(size: i32): i32 {
  return (size + 3) & ~3;
}

/** to = the sum of `parts` runs of `size` words, each padded to whole vectors; the threads share the words. */
export function addParts(from: usize, parts: i32, size: i32, to: usize, tid: i32, threads: i32): void {
  const stride = <usize>padded(size) << 2;
  const vectors = padded(size) >> 2;
  for (let i = share(vectors, tid, threads); i < share(vectors, tid + 1, threads); i++) {
    const at = from + (<usize>i << 4);
    let sum = v128.load(at);
    for (let p = 1; p < parts; p++) sum = f32x4.add(sum, v128.load(at + <usize>p * stride));
    v128.store(to + (<usize>i << 4), sum);
  }
}

function filterGradImage(row: usize, tid: i32, image: i32, dw: usize): void {
  const h = word(row, 9);
  const w = word(row, 10);
  const c = word(row, 11);
  const oh = word(row, 12);
  const ow = word(row, 13);
  const k = word(row, 14);
  const kh = word(row, 15);
  const kw = word(row, 16);
  const sh = word(row, 17);
  const sw = word(row, 18);
  const dh = word(row, 19);
  const dilation = word(row, 20);
  const groups = word(row, 23);
  const rowsPerGroup = word(row, 26);
  const direct = word(row, 27);
  const cg = c / groups;
  const kg = k / groups;
  const merged = groups == 1 && dilation == 1;
  const spanCount = merged ? kh : kh * kw;
  const spanWords = merged ? kw * c : cg;
  const width = direct ? w : (ow - 1) * sw + (kw - 1) * dilation + 1;
  const packed = pointer(row, 6) + <usize>tid * pointer(row, 7);
  const source = pointer(row, 0) + ((<usize>(image * h * w) * <usize>c) << 2);
  const step = <usize>(sw * c) << 2;
  const doutStep = <usize>k << 2;

  for (let firstRow = 0; firstRow < oh; firstRow += rowsPerGroup) {
    const rows = firstRow + rowsPerGroup > oh ? oh - firstRow : rowsPerGroup;
    let base = packed;
    if (direct) base = source + ((<usize>(firstRow * sh * w) * <usize>c) << 2);
    else
      packRows(
        source,
        packed,
        firstRow * sh - word(row, 21),
        (rows - 1) * sh + (kh - 1) * dh + 1,
        width,
        word(row, 22),
        h,
        w,
        c,
        1,
        1,
      );
    const lineBytes = (<usize>(sh * width) * <usize>c) << 2;
    const dout = pointer(row, 1) + ((<usize>((image * oh + firstRow) * ow) * <usize>k) << 2);
    for (let group = 0; group < groups; group++) {
      for (let s = 0; s < spanCount; s++) {
        const r = merged ? s : s / kw;
        const q = merged ? 0 : s - r * kw;
        const span = base + (<usize>((r * dh * width + q * dilation) * c + group * cg) << 2);
        for (let block = 0; block < kg; block += 8) {
          const channel = group * kg + block;
          const lanes = kg - block < 8 ? kg - block : 8;
          for (let j = 0; j < spanWords; j += 4) {
            tile(
              span + (<usize>j << 2),
              lineBytes,
              step,
              dout + (<usize>channel << 2),
              doutStep,
              rows,
              ow,
              dw + (<usize>((s * spanWords + j) * k + channel) << 2),
              spanWords - j < 4 ? spanWords - j : 4,
              lanes,
            );
          }
        }
      }
    }
  }
}

/** Adds the sums over rows x ow positions of four words by eight channels to `to`, whose rows are `doutStep` bytes apart. */
function tile(
  a: usize,
  lineBytes: usize,
  step: usize,
  dout: usize,
  doutStep: usize,
  rows: i32,
  ow: i32,
  to: usize,
  words: i32,
  lanes: i32,
): void {
  let c00 = f32x4.splat(0);
  let c01 = f32x4.splat(0);
  let c10 = f32x4.splat(0);
  let c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0);
  let c21 = f32x4.splat(0);
  let c30 = f32x4.splat(0);
  let c31 = f32x4.splat(0);
  let d = dout;
  for (let r = 0; r < rows; r++) {
    let p = a + <usize>r * lineBytes;
    for (let q = 0; q < ow; q++) {
      const b0 = v128.load(d);
      const b1 = v128.load(d, 16);
      let x = v128.load32_splat(p);
      c00 = f32x4.add(c00, f32x4.mul(x, b0));
      c01 = f32x4.add(c01, f32x4.mul(x, b1));
      x = v128.load32_splat(p, 4);
      c10 = f32x4.add(c10, f32x4.mul(x, b0));
      c11 = f32x4.add(c11, f32x4.mul(x, b1));
      x = v128.load32_splat(p, 8);
      c20 = f32x4.add(c20, f32x4.mul(x, b0));
      c21 = f32x4.add(c21, f32x4.mul(x, b1));
      x = v128.load32_splat(p, 12);
      c30 = f32x4.add(c30, f32x4.mul(x, b0));
      c31 = f32x4.add(c31, f32x4.mul(x, b1));
      p += step;
      d += doutStep;
    }
  }
  addRow(to, c00, c01, lanes);
  if (words > 1) addRow(to + doutStep, c10, c11, lanes);
  if (words > 2) addRow(to + 2 * doutStep, c20, c21, lanes);
  if (words > 3) addRow(to + 3 * doutStep, c30, c31, lanes);
}

@inline
function addRow(to: usize, low: v128, high: v128, lanes: i32): void {
  if (lanes == 8) {
    v128.store(to, f32x4.add(v128.load(to), low));
    v128.store(to, f32x4.add(v128.load(to, 16), high), 16);
  } else addLanes(to, low, high, lanes);
}

function addLanes(to: usize, low: v128, high: v128, lanes: i32): void {
  for (let i = 0; i < lanes; i++) {
    const four = i < 4 ? low : high;
    const lane = i & 3;
    const value =
      lane == 0
        ? f32x4.extract_lane(four, 0)
        : lane == 1
          ? f32x4.extract_lane(four, 1)
          : lane == 2
            ? f32x4.extract_lane(four, 2)
            : f32x4.extract_lane(four, 3);
    const at = to + (<usize>i << 2);
    store<f32>(at, load<f32>(at) + value);
  }
}
