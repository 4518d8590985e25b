/**
 * Convolution forward and input gradient: implicit GEMM over packed rows.
 *
 * The kernel is first packed into panels of eight output channels, [group][channel block][window word][8],
 * zero-filled beyond the last channel. Then each thread takes groups of output rows, packs their input,
 * and computes tiles of four positions by eight channels. Every output word is one sum in one order, so
 * the result does not depend on the threads.
 *
 * The input gradient is the same computation with the kernel turned around (see `packFlipped`).
 */
import { finished, finishLanes } from "./epilogue";
import { pointer, real, share, word } from "./memory";
import { tile4x8 } from "./tile";
import { packRows } from "./window";

/**
 * Packs an HWIO kernel. Row: [w, panels, kh*kw, c/groups, k, groups, flipped].
 * Flipped: the panels of the input gradient, whose window words are (kh, kw turned around, k/groups) and
 * whose channels are c.
 */
export function packKernel(row: usize, tid: i32, threads: i32): void {
  const w = pointer(row, 0);
  const panels = pointer(row, 1);
  const taps = word(row, 2);
  const cg = word(row, 3);
  const k = word(row, 4);
  const groups = word(row, 5);
  const flipped = word(row, 6);
  const kg = k / groups;
  const channels = flipped ? cg : kg;
  const depth = flipped ? kg : cg;
  const blocks = (channels + 7) >> 3;
  const panelBytes = <usize>(taps * depth) << 5;
  const total = groups * blocks;
  for (let p = share(total, tid, threads); p < share(total, tid + 1, threads); p++) {
    const group = p / blocks;
    const block = p - group * blocks;
    let to = panels + <usize>p * panelBytes;
    for (let t = 0; t < taps; t++) {
      for (let d = 0; d < depth; d++, to += 32) {
        for (let i = 0; i < 8; i++) {
          const channel = (block << 3) + i;
          let value: f32 = 0;
          if (channel < channels) {
            const at = flipped
              ? ((taps - 1 - t) * cg + channel) * k + group * kg + d
              : (t * cg + d) * k + group * kg + channel;
            value = load<f32>(w + (<usize>at << 2));
          }
          store<f32>(to + (<usize>i << 2), value);
        }
      }
    }
  }
}

/**
 * Row: 0 x, 1 panels, 2 bias, 3 residual, 4 out, 5 mask value, 6 scratch, 7 scratch bytes a thread,
 * 8 n, 9 h, 10 w, 11 c, 12 oh, 13 ow, 14 k, 15 kh, 16 kw, 17 sh, 18 sw, 19 dh, 20 dw, 21 pt, 22 pl,
 * 23 groups, 24 us, 25 uw, 26 rows a group, 27 direct, 28 flags (1 clamp, 2 mask), 29 low, 30 high.
 */
export function convRows(row: usize, tid: i32, threads: i32): void {
  const x = pointer(row, 0);
  const panels = pointer(row, 1);
  const bias = pointer(row, 2);
  const residual = pointer(row, 3);
  const out = pointer(row, 4);
  const maskValue = pointer(row, 5);
  const flags = word(row, 28);
  const low = f32x4.splat(real(row, 29));
  const high = f32x4.splat(real(row, 30));
  const n = word(row, 8);
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
  const dw = word(row, 20);
  const groups = word(row, 23);
  const rowsPerGroup = word(row, 26);
  const direct = word(row, 27);

  const mine = pointer(row, 6) + <usize>tid * pointer(row, 7);
  const corner = mine; // a tile on its way to the epilogue
  const spans = mine + 128;
  const merged = groups == 1 && dw == 1;
  const cg = c / groups;
  const kg = k / groups;
  const spanCount = merged ? kh : kh * kw;
  const spanWords = merged ? kw * c : cg;
  const packed = (spans + <usize>(spanCount << 2) + 15) & ~15;
  const width = direct ? w : (ow - 1) * sw + (kw - 1) * dw + 1;
  for (let s = 0; s < spanCount; s++) {
    const r = merged ? s : s / kw;
    const q = merged ? 0 : s - r * kw;
    store<i32>(spans + (<usize>s << 2), (r * dh * width + q * dw) * c * 4);
  }
  const blocks = (kg + 7) >> 3;
  const panelBytes = <usize>(spanCount * spanWords) << 5;
  const step = <usize>(sw * c) << 2;
  const chunks = (oh + rowsPerGroup - 1) / rowsPerGroup;
  const total = n * chunks;
  for (let item = share(total, tid, threads); item < share(total, tid + 1, threads); item++) {
    const image = item / chunks;
    const firstRow = (item - image * chunks) * rowsPerGroup;
    const rows = firstRow + rowsPerGroup > oh ? oh - firstRow : rowsPerGroup;
    const source = x + ((<usize>(image * h * w) * <usize>c) << 2);
    let base = packed;
    if (direct) base = source + ((<usize>(firstRow * sh * w) * <usize>c) << 2);
    else {
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
        word(row, 24),
        word(row, 25),
      );
    }
    for (let p = 0; p < groups * blocks; p++) {
      const group = p / blocks;
      const block = p - group * blocks;
      const panel = panels + <usize>p * panelBytes;
      const channel = group * kg + (block << 3);
      const lanes = kg - (block << 3) < 8 ? kg - (block << 3) : 8;
      let bias0 = f32x4.splat(0);
      let bias1 = f32x4.splat(0);
      if (bias) {
        bias0 = v128.load(bias + (<usize>channel << 2));
        bias1 = v128.load(bias + (<usize>channel << 2), 16);
      }
      for (let r = 0; r < rows; r++) {
        const line = base + ((<usize>(r * sh * width) * <usize>c + <usize>(group * cg)) << 2);
        const outRow = ((image * oh + firstRow + r) * ow) * k + channel;
        for (let q = 0; q < ow; q += 4) {
          const count = ow - q < 4 ? ow - q : 4;
          const a0 = line + <usize>q * step;
          const a1 = count > 1 ? a0 + step : a0;
          const a2 = count > 2 ? a1 + step : a1;
          const a3 = count > 3 ? a2 + step : a2;
          tile4x8(a0, a1, a2, a3, spans, spanCount, spanWords, panel, corner, 32, count);
          const at = outRow + q * k;
          for (let i = 0; i < count; i++) {
            const sum = corner + (<usize>i << 5);
            if (lanes == 8) {
              const byte = <usize>(at + i * k) << 2;
              const y0 = finished(f32x4.add(v128.load(sum), bias0), byte, residual, maskValue, flags, low, high);
              const y1 = finished(f32x4.add(v128.load(sum, 16), bias1), byte + 16, residual, maskValue, flags, low, high);
              v128.store(out + byte, y0);
              v128.store(out + byte, y1, 16);
              continue;
            }
            finishLanes(row, at + i * k, f32x4.add(v128.load(sum), bias0), lanes);
            if (lanes > 4) finishLanes(row, at + i * k + 4, f32x4.add(v128.load(sum, 16), bias1), lanes - 4);
          }
        }
      }
    }
  }
}
