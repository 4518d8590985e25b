/**
 * The inner kernel of a matrix product in 128-bit SIMD: a tile of 4 rows and 8 columns stays in registers
 * while packed panels of A (4 words a step) and B (8 words a step) stream from the first-level cache.
 * Multiplication and addition are two instructions, as in the lab's own kernels: WebAssembly's fused one
 * gives different bits on different machines.
 */

@inline
function tile(a: usize, b: usize, c: usize, depth: i32): void {
  let c00 = f32x4.splat(0), c01 = f32x4.splat(0), c10 = f32x4.splat(0), c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0), c21 = f32x4.splat(0), c30 = f32x4.splat(0), c31 = f32x4.splat(0);
  for (let k = 0; k < depth; k++) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const a0 = v128.load32_splat(a);
    c00 = f32x4.add(c00, f32x4.mul(a0, b0));
    c01 = f32x4.add(c01, f32x4.mul(a0, b1));
    const a1 = v128.load32_splat(a, 4);
    c10 = f32x4.add(c10, f32x4.mul(a1, b0));
    c11 = f32x4.add(c11, f32x4.mul(a1, b1));
    const a2 = v128.load32_splat(a, 8);
    c20 = f32x4.add(c20, f32x4.mul(a2, b0));
    c21 = f32x4.add(c21, f32x4.mul(a2, b1));
    const a3 = v128.load32_splat(a, 12);
    c30 = f32x4.add(c30, f32x4.mul(a3, b0));
    c31 = f32x4.add(c31, f32x4.mul(a3, b1));
    a += 16;
    b += 32;
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  v128.store(c, c10, 32);
  v128.store(c, c11, 48);
  v128.store(c, c20, 64);
  v128.store(c, c21, 80);
  v128.store(c, c30, 96);
  v128.store(c, c31, 112);
}

/** `repeats` times the product of a packed [4 * rows, depth] and a packed [depth, 8]. */
export function gemm(a: usize, b: usize, c: usize, rows: i32, depth: i32, repeats: i32): void {
  for (let r = 0; r < repeats; r++)
    for (let row = 0; row < rows; row++) tile(a + <usize>(row * depth * 16), b, c + <usize>(row * 128), depth);
}
