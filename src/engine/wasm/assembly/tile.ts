/**
 * The inner kernel of every convolution: four rows of A by a panel of eight columns of B, eight accumulators,
 * two panel loads and four broadcast loads for sixteen multiply-adds a word.
 */

/**
 * Adds up over `spanCount` spans of `words` words; `spans` holds their byte offsets from each row's start.
 * Writes the first `count` rows of eight to `to`, `toStep` bytes apart.
 */
export function tile4x8(
  row0: usize,
  row1: usize,
  row2: usize,
  row3: usize,
  spans: usize,
  spanCount: i32,
  words: i32,
  panel: usize,
  to: usize,
  toStep: usize,
  count: i32,
): void {
  let c00 = f32x4.splat(0);
  let c01 = f32x4.splat(0);
  let c10 = f32x4.splat(0);
  let c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0);
  let c21 = f32x4.splat(0);
  let c30 = f32x4.splat(0);
  let c31 = f32x4.splat(0);
  let b = panel;
  for (let s = 0; s < spanCount; s++) {
    const offset = <usize>load<i32>(spans + (<usize>s << 2));
    let p0 = row0 + offset;
    let p1 = row1 + offset;
    let p2 = row2 + offset;
    let p3 = row3 + offset;
    const end = p0 + (<usize>words << 2);
    const fours = p0 + (<usize>(words & ~3) << 2);
    while (p0 < fours) {
      for (let i: usize = 0; i < 4; i++) {
        const b0 = v128.load(b + (i << 5));
        const b1 = v128.load(b + (i << 5), 16);
        let a = v128.load32_splat(p0 + (i << 2));
        c00 = f32x4.add(c00, f32x4.mul(a, b0));
        c01 = f32x4.add(c01, f32x4.mul(a, b1));
        a = v128.load32_splat(p1 + (i << 2));
        c10 = f32x4.add(c10, f32x4.mul(a, b0));
        c11 = f32x4.add(c11, f32x4.mul(a, b1));
        a = v128.load32_splat(p2 + (i << 2));
        c20 = f32x4.add(c20, f32x4.mul(a, b0));
        c21 = f32x4.add(c21, f32x4.mul(a, b1));
        a = v128.load32_splat(p3 + (i << 2));
        c30 = f32x4.add(c30, f32x4.mul(a, b0));
        c31 = f32x4.add(c31, f32x4.mul(a, b1));
      }
      b += 128;
      p0 += 16;
      p1 += 16;
      p2 += 16;
      p3 += 16;
    }
    while (p0 < end) {
      const b0 = v128.load(b);
      const b1 = v128.load(b, 16);
      let a = v128.load32_splat(p0);
      c00 = f32x4.add(c00, f32x4.mul(a, b0));
      c01 = f32x4.add(c01, f32x4.mul(a, b1));
      a = v128.load32_splat(p1);
      c10 = f32x4.add(c10, f32x4.mul(a, b0));
      c11 = f32x4.add(c11, f32x4.mul(a, b1));
      a = v128.load32_splat(p2);
      c20 = f32x4.add(c20, f32x4.mul(a, b0));
      c21 = f32x4.add(c21, f32x4.mul(a, b1));
      a = v128.load32_splat(p3);
      c30 = f32x4.add(c30, f32x4.mul(a, b0));
      c31 = f32x4.add(c31, f32x4.mul(a, b1));
      b += 32;
      p0 += 4;
      p1 += 4;
      p2 += 4;
      p3 += 4;
    }
  }
  v128.store(to, c00);
  v128.store(to, c01, 16);
  if (count > 1) {
    v128.store(to + toStep, c10);
    v128.store(to + toStep, c11, 16);
  }
  if (count > 2) {
    v128.store(to + 2 * toStep, c20);
    v128.store(to + 2 * toStep, c21, 16);
  }
  if (count > 3) {
    v128.store(to + 3 * toStep, c30);
    v128.store(to + 3 * toStep, c31, 16);
  }
}
