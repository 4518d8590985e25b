/**
 * The kernel gradient of a 3x3 convolution with stride 1 as Winograd's F(3x3, 4x4): the 4x4 tile of dout is
 * the filter now and the 3x3 kernel gradient the output, over the same 6x6 input tiles:
 *
 *   dW = A' [ sum over tiles (B' x B) . (G dout G') ] A
 *
 * so that the sum over the batch happens in the transformed domain, as 36 matrix products [c, tiles] x
 * [tiles, k], and the way back is taken once. The batch is taken in chunks of tiles, packed as the product reads
 * them. Where the 36 sums are small, fixed parts of the batch have sums of their own, added in order at the end,
 * and a thread does a part alone. Where they are large, all threads transform a chunk into memory that they share
 * and then share the rows of the products: each sum belongs to one thread. Either way the number of threads
 * changes no bit.
 */
import { barrier } from "./barrier";
import { pointer, share, word } from "./memory";
import { packRows } from "./window";
import { inputTile, PLANE_PADDING } from "./winograd";

/** Tile rows that one piece of work packs and transforms. */
const PIECE: i32 = 4;

/**
 * Row: as filterGrad; 3 memory shared by the threads: the sums, then V and Z; 4 parts of the batch that are
 * summed apart, or 0; 26 tile rows of a chunk and 27 images of a chunk. c and k are multiples of four.
 */
export function winogradFilterGrad(row: usize, tid: i32, threads: i32): void {
  const parts = word(row, 4);
  if (parts) {
    for (let part = share(parts, tid, threads); part < share(parts, tid + 1, threads); part++) addPart(row, tid, part);
    barrier(threads);
    for (let item = share(36, tid, threads); item < share(36, tid + 1, threads); item++) addPlanes(row, item, parts);
    barrier(threads);
  } else addTogether(row, tid, threads);
  const c = word(row, 11);
  const k = word(row, 14);
  const plane = <usize>(c * k) << 2;
  const dw = pointer(row, 2);
  for (let channel = share(c, tid, threads); channel < share(c, tid + 1, threads); channel++)
    for (let j = 0; j < k; j += 4) {
      const at = <usize>(channel * k + j) << 2;
      outputKernel(pointer(row, 3) + at, plane, dw + at, plane);
    }
}

/** All threads on each chunk: where the sums are too large for every part to have its own. */
function addTogether(row: usize, tid: i32, threads: i32): void {
  const n = word(row, 8);
  const blocks = word(row, 11) >> 2;
  const down = (word(row, 12) + 3) >> 2;
  const across = (word(row, 13) + 3) >> 2;
  const most = word(row, 26);
  const sums = pointer(row, 3);
  const vs = sums + ((<usize>36 * word(row, 11) * word(row, 14)) << 2);
  let chunk = 0;
  for (let image = 0; image < n; image += word(row, 27)) {
    const images = image + word(row, 27) > n ? n - image : word(row, 27);
    for (let first = 0; first < down; first += most, chunk++) {
      const rows = first + most > down ? down - first : most;
      const tiles = images * rows * across;
      const pieces = (rows + PIECE - 1) / PIECE;
      for (let item = share(images * pieces, tid, threads); item < share(images * pieces, tid + 1, threads); item++)
        transformPiece(row, tid, image + item / pieces, first, rows, item % pieces, (item / pieces) * rows * across, tiles, vs);
      barrier(threads);
      for (let item = share(36 * blocks, tid, threads); item < share(36 * blocks, tid + 1, threads); item++)
        multiply(row, vs, tiles, item / blocks, item % blocks, sums, chunk > 0);
      barrier(threads);
    }
  }
}

/** One thread on a part of the batch, with sums and tiles of its own: nothing passes between the threads' caches. */
function addPart(row: usize, tid: i32, part: i32): void {
  const n = word(row, 8);
  const blocks = word(row, 11) >> 2;
  const parts = word(row, 4);
  const down = (word(row, 12) + 3) >> 2;
  const across = (word(row, 13) + 3) >> 2;
  const most = word(row, 26);
  const each = (<usize>36 * word(row, 11) * word(row, 14)) << 2;
  const sums = pointer(row, 3) + <usize>part * each;
  const vs = pointer(row, 3) + <usize>parts * each + <usize>tid * ((<usize>36 * tileWords(row, word(row, 27) * most * across)) << 2);
  const last = share(n, part + 1, parts);
  let chunk = 0;
  for (let image = share(n, part, parts); image < last; image += word(row, 27)) {
    const images = image + word(row, 27) > last ? last - image : word(row, 27);
    for (let first = 0; first < down; first += most, chunk++) {
      const rows = first + most > down ? down - first : most;
      const tiles = images * rows * across;
      for (let i = 0; i < images; i++)
        for (let piece = 0; piece * PIECE < rows; piece++)
          transformPiece(row, tid, image + i, first, rows, piece, i * rows * across, tiles, vs);
      for (let item = 0; item < 36 * blocks; item++) multiply(row, vs, tiles, item / blocks, item % blocks, sums, chunk > 0);
    }
  }
  if (chunk == 0) memory.fill(sums, 0, each);
}

/** The parts' sums of plane `p`, into the first part's. */
function addPlanes(row: usize, p: i32, parts: i32): void {
  const plane = (<usize>(word(row, 11) * word(row, 14))) << 2;
  const from = pointer(row, 3) + <usize>p * plane;
  for (let at: usize = 0; at < plane; at += 16) {
    let sum = v128.load(from + at);
    for (let part = 1; part < parts; part++) sum = f32x4.add(sum, v128.load(from + <usize>part * 36 * plane + at));
    v128.store(from + at, sum);
  }
}

/** Words of one plane of V and one of Z for `tiles` tiles. */
@inline
function tileWords(row: usize, tiles: i32): i32 {
  return tiles * (word(row, 11) + ((word(row, 14) + 7) & ~7)) + 2 * PLANE_PADDING;
}

/** Four rows of plane `p` of the sums: number `block` of c / 4. */
function multiply(row: usize, vs: usize, tiles: i32, p: i32, block: i32, sums: usize, add: bool): void {
  const c = word(row, 11);
  const k = word(row, 14);
  const vPlane = <usize>(tiles * c + PLANE_PADDING) << 2;
  const zPlane = <usize>(tiles * ((k + 7) & ~7) + PLANE_PADDING) << 2;
  const a = vs + <usize>p * vPlane + (<usize>(block * tiles) << 4);
  const z = vs + 36 * vPlane + <usize>p * zPlane;
  const to = sums + ((<usize>(p * c * k + block * 4 * k)) << 2);
  for (let j = 0; j < k; j += 8)
    product(a, z + (<usize>(j * tiles) << 2), tiles, to + (<usize>j << 2), <usize>k << 2, k - j >= 8, add);
}

/** Transforms piece number `piece` of tile rows [first, first + rows) of an image, whose tiles begin at `at` of `tiles`. */
function transformPiece(row: usize, tid: i32, image: i32, first: i32, rows: i32, piece: i32, at: i32, tiles: i32, vs: usize): void {
  const vPlane = <usize>(tiles * word(row, 11) + PLANE_PADDING) << 2;
  const zPlane = <usize>(tiles * ((word(row, 14) + 7) & ~7) + PLANE_PADDING) << 2;
  const begin = piece * PIECE;
  const count = begin + PIECE > rows ? rows - begin : PIECE;
  const across = (word(row, 13) + 3) >> 2;
  transform(row, tid, image, first + begin, count, at + begin * across, tiles, vs, vPlane, vs + 36 * vPlane, zPlane);
}

/**
 * Transforms `rows` tile rows of an image from row `first` on, as tiles number `at` on of `tiles`: V as
 * [36][c/4][tiles][4] and Z as [36][k/8][tiles][8], which a product reads from end to end.
 */
function transform(
  row: usize,
  tid: i32,
  image: i32,
  first: i32,
  rows: i32,
  at: i32,
  tiles: i32,
  vs: usize,
  vPlane: usize,
  zs: usize,
  zPlane: usize,
): void {
  const h = word(row, 9);
  const w = word(row, 10);
  const c = word(row, 11);
  const oh = word(row, 12);
  const ow = word(row, 13);
  const k = word(row, 14);
  const across = (ow + 3) >> 2;
  const width = across * 4 + 2;
  const packed = pointer(row, 6) + <usize>tid * pointer(row, 7);
  const packedDout = packed + (<usize>((rows * 4 + 2) * width * c) << 2);
  const x = pointer(row, 0) + ((<usize>(image * h * w) * <usize>c) << 2);
  const dout = pointer(row, 1) + ((<usize>(image * oh * ow) * <usize>k) << 2);
  packRows(x, packed, first * 4 - word(row, 21), rows * 4 + 2, width, word(row, 22), h, w, c, 1, 1);
  packRows(dout, packedDout, first * 4, rows * 4, across * 4, 0, oh, ow, k, 1, 1);
  for (let t = 0; t < rows * across; t++) {
    const top = (t / across) * 4;
    const left = (t % across) * 4;
    const corner = packed + (<usize>((top * width + left) * c) << 2);
    for (let channel = 0; channel < c; channel += 4) {
      const to = vs + (<usize>((channel >> 2) * tiles + at + t) << 4);
      inputTile(corner + (<usize>channel << 2), <usize>(width * c) << 2, <usize>c << 2, to, vPlane);
    }
    const doutCorner = packedDout + (<usize>((top * across * 4 + left) * k) << 2);
    for (let channel = 0; channel < k; channel += 4) {
      const to = zs + (<usize>((channel >> 3) * tiles + at + t) << 5) + (<usize>(channel & 4) << 2);
      doutTile(doutCorner + (<usize>channel << 2), <usize>(across * 4 * k) << 2, <usize>k << 2, to, zPlane);
    }
  }
}

/** to[4, 8] (+)= the sum over `tiles` of a[tile, 4] times b[tile, 8]; half of the eight where not `whole`. */
function product(a: usize, b: usize, tiles: i32, to: usize, step: usize, whole: bool, add: bool): void {
  let c00 = f32x4.splat(0);
  let c01 = f32x4.splat(0);
  let c10 = f32x4.splat(0);
  let c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0);
  let c21 = f32x4.splat(0);
  let c30 = f32x4.splat(0);
  let c31 = f32x4.splat(0);
  const end = a + (<usize>tiles << 4);
  while (a < end) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let x = v128.load32_splat(a);
    c00 = f32x4.add(c00, f32x4.mul(x, b0));
    c01 = f32x4.add(c01, f32x4.mul(x, b1));
    x = v128.load32_splat(a, 4);
    c10 = f32x4.add(c10, f32x4.mul(x, b0));
    c11 = f32x4.add(c11, f32x4.mul(x, b1));
    x = v128.load32_splat(a, 8);
    c20 = f32x4.add(c20, f32x4.mul(x, b0));
    c21 = f32x4.add(c21, f32x4.mul(x, b1));
    x = v128.load32_splat(a, 12);
    c30 = f32x4.add(c30, f32x4.mul(x, b0));
    c31 = f32x4.add(c31, f32x4.mul(x, b1));
    a += 16;
    b += 32;
  }
  keep(to, c00, c01, whole, add);
  keep(to + step, c10, c11, whole, add);
  keep(to + 2 * step, c20, c21, whole, add);
  keep(to + 3 * step, c30, c31, whole, add);
}

@inline
function keep(to: usize, low: v128, high: v128, whole: bool, add: bool): void {
  v128.store(to, add ? f32x4.add(v128.load(to), low) : low);
  if (whole) v128.store(to, add ? f32x4.add(v128.load(to, 16), high) : high, 16);
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
