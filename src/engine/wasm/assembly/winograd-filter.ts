/**
 * The kernel gradient of a 3x3 convolution with stride 1 as Winograd's F(3x3, 4x4): the 4x4 tile of dout is
 * the filter now and the 3x3 kernel gradient the output, over the same 6x6 input tiles:
 *
 *   dW = A' [ sum over tiles (B' x B) . (G dout G') ] A
 *
 * so that the sum over the whole part of the batch happens in the transformed domain, as 36 small matrix
 * products [c, tiles] x [tiles, k], and the way back is taken once. Parts are fixed, as in filterGrad.
 */
import { tile } from "./filter";
import { pointer, share, word } from "./memory";
import { packRows } from "./window";
import { inputTile, PLANE_PADDING } from "./winograd";

/** Row: as filterGrad; 26 is the tile rows of a run, 27 the images of a run. */
export function winogradFilterGrad(row: usize, tid: i32, threads: i32): void {
  const parts = word(row, 3);
  const n = word(row, 8);
  const c = word(row, 11);
  const k = word(row, 14);
  const size = 9 * c * k;
  const sums = pointer(row, 6) + <usize>tid * pointer(row, 7);
  const plane = <usize>(c * k) << 2;
  for (let part = share(parts, tid, threads); part < share(parts, tid + 1, threads); part++) {
    memory.fill(sums, 0, 36 * plane);
    const last = share(n, part + 1, parts);
    const down = (word(row, 12) + 3) >> 2;
    for (let image = share(n, part, parts); image < last; image += word(row, 27)) {
      const images = image + word(row, 27) > last ? last - image : word(row, 27);
      for (let first = 0; first < down; first += word(row, 26)) {
        const rows = first + word(row, 26) > down ? down - first : word(row, 26);
        addRun(row, sums, image, images, first, rows);
      }
    }
    const dw = pointer(row, 2) + (<usize>(part * size) << 2);
    for (let channel = 0; channel < c; channel++)
      for (let j = 0; j < k; j += 4) outputKernel(sums + (<usize>(channel * k + j) << 2), plane, dw + (<usize>(channel * k + j) << 2), plane);
  }
}

/** Adds the tiles of `rows` tile rows of `images` images to the 36 sums. */
function addRun(row: usize, sums: usize, image: i32, images: i32, first: i32, rows: i32): void {
  const h = word(row, 9);
  const w = word(row, 10);
  const c = word(row, 11);
  const oh = word(row, 12);
  const ow = word(row, 13);
  const k = word(row, 14);
  const across = (ow + 3) >> 2;
  const width = across * 4 + 2;
  const each = rows * across;
  const tiles = images * each;
  const packed = sums + (<usize>(36 * c * k) << 2);
  const packedDout = packed + (<usize>((rows * 4 + 2) * width * c) << 2);
  const vs = packedDout + (<usize>(rows * 4 * across * 4 * k) << 2);
  const vPlane = <usize>(tiles * c + PLANE_PADDING) << 2;
  const zPlane = <usize>(tiles * k + PLANE_PADDING) << 2;
  const zs = vs + 36 * vPlane;
  for (let i = 0; i < images; i++) {
    const x = pointer(row, 0) + ((<usize>((image + i) * h * w) * <usize>c) << 2);
    const dout = pointer(row, 1) + ((<usize>((image + i) * oh * ow) * <usize>k) << 2);
    packRows(x, packed, first * 4 - word(row, 21), rows * 4 + 2, width, word(row, 22), h, w, c, 1, 1);
    packRows(dout, packedDout, first * 4, rows * 4, across * 4, 0, oh, ow, k, 1, 1);
    for (let t = 0; t < each; t++) {
      const top = (t / across) * 4;
      const left = (t % across) * 4;
      const at = i * each + t;
      const corner = packed + (<usize>((top * width + left) * c) << 2);
      for (let channel = 0; channel < c; channel += 4)
        inputTile(corner + (<usize>channel << 2), <usize>(width * c) << 2, <usize>c << 2, vs + (<usize>(at * c + channel) << 2), vPlane);
      const doutCorner = packedDout + (<usize>((top * across * 4 + left) * k) << 2);
      for (let channel = 0; channel < k; channel += 4)
        doutTile(doutCorner + (<usize>channel << 2), <usize>(across * 4 * k) << 2, <usize>k << 2, zs + (<usize>(at * k + channel) << 2), zPlane);
    }
  }
  for (let p = 0; p < 36; p++) {
    const v = vs + <usize>p * vPlane;
    const z = zs + <usize>p * zPlane;
    const sum = sums + (<usize>(p * c * k) << 2);
    for (let block = 0; block < k; block += 8) {
      const lanes = k - block < 8 ? k - block : 8;
      for (let channel = 0; channel < c; channel += 4)
        tile(
          v + (<usize>channel << 2),
          0,
          <usize>c << 2,
          z + (<usize>block << 2),
          <usize>k << 2,
          1,
          tiles,
          sum + (<usize>(channel * k + block) << 2),
          4,
          lanes,
        );
    }
  }
}

/** Four values a stride apart, transformed by G to six. */
@inline
function transformFour(from: usize, fromStep: usize, to: usize, toStep: usize): void {
  const d0 = v128.load(from);
  const d1 = v128.load(from + fromStep);
  const d2 = v128.load(from + 2 * fromStep);
  const d3 = v128.load(from + 3 * fromStep);
  const even = f32x4.add(d0, d2);
  const odd = f32x4.add(d1, d3);
  const e = f32x4.add(f32x4.mul(d0, f32x4.splat(1.0 / 24.0)), f32x4.mul(d2, f32x4.splat(1.0 / 6.0)));
  const f = f32x4.add(f32x4.mul(d1, f32x4.splat(1.0 / 12.0)), f32x4.mul(d3, f32x4.splat(1.0 / 3.0)));
  v128.store(to, f32x4.mul(d0, f32x4.splat(0.25)));
  v128.store(to + toStep, f32x4.mul(f32x4.add(even, odd), f32x4.splat(-1.0 / 6.0)));
  v128.store(to + 2 * toStep, f32x4.mul(f32x4.sub(even, odd), f32x4.splat(-1.0 / 6.0)));
  v128.store(to + 3 * toStep, f32x4.add(e, f));
  v128.store(to + 4 * toStep, f32x4.sub(e, f));
  v128.store(to + 5 * toStep, d3);
}

/** G dout G' for four channels: columns first, into six rows of four places, then each row in place to six. */
function doutTile(from: usize, rowStep: usize, pixel: usize, to: usize, plane: usize): void {
  for (let s = 0; s < 4; s++) transformFour(from + <usize>s * pixel, rowStep, to + <usize>s * plane, 6 * plane);
  for (let r = 0; r < 6; r++) transformFour(to + <usize>(r * 6) * plane, plane, to + <usize>(r * 6) * plane, plane);
}

/** Three sums of six values: A' of F(3, 4). */
@inline
function outputThree(from: usize, fromStep: usize, to: usize, toStep: usize): void {
  const m1 = v128.load(from + fromStep);
  const m2 = v128.load(from + 2 * fromStep);
  const m3 = v128.load(from + 3 * fromStep);
  const m4 = v128.load(from + 4 * fromStep);
  const m5 = v128.load(from + 5 * fromStep);
  const near = f32x4.add(m1, m2);
  const far = f32x4.add(m3, m4);
  const slope = f32x4.sub(m3, m4);
  v128.store(to, f32x4.add(f32x4.add(v128.load(from), near), far));
  v128.store(to + toStep, f32x4.add(f32x4.sub(m1, m2), f32x4.add(slope, slope)));
  v128.store(to + 2 * toStep, f32x4.add(f32x4.add(near, f32x4.mul(far, f32x4.splat(4))), m5));
}

/** The 3x3 kernel gradient of four channels from its 36 sums, which it overwrites. */
function outputKernel(sums: usize, plane: usize, to: usize, tapStep: usize): void {
  for (let s = 0; s < 6; s++) outputThree(sums + <usize>s * plane, 6 * plane, sums + <usize>s * plane, 6 * plane);
  for (let r = 0; r < 3; r++) outputThree(sums + <usize>(r * 6) * plane, plane, to + <usize>(r * 3) * tapStep, tapStep);
}
