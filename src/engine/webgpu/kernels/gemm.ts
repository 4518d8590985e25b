/**
 * One matrix product for all convolutions: C[m, n] = sum over k of A[m, k] * B[k, n], where A, B and the
 * store are given as WGSL functions. A convolution never materialises its im2col matrix: `loadA` computes
 * the address of a window word.
 *
 * A workgroup owns a 64 x `columns` tile; slices of 16 words of A and B pass through workgroup memory and
 * each invocation keeps 4 x 4 sums in registers.
 */
import { type Dispatch, type ShaderParts, shader } from "../dispatch";

const ROWS = 64;
const DEPTH = 16;

export interface Gemm extends Omit<ShaderParts, "body"> {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** Independent products (groups, or partial sums), the z of the grid. */
  readonly count: number;
  /** Bodies of `fn loadA(z, m, k) -> f32`, `fn loadB(z, k, n) -> f32`, `fn store(z, m, n, sum: f32)`. */
  readonly loadA: string;
  readonly loadB: string;
  readonly store: string;
  /** WGSL for the number of words to sum for product z, if it differs from k. */
  readonly depthOf?: string;
}

export function gemm(parts: Gemm): Dispatch {
  const columns = parts.n <= 16 ? 16 : parts.n <= 32 ? 32 : 64;
  const across = columns / 4;
  const threads = (ROWS / 4) * across;
  const declarations = `${parts.declarations ?? ""}
fn loadA(z: u32, m: u32, k: u32) -> f32 {
${parts.loadA}
}
fn loadB(z: u32, k: u32, n: u32) -> f32 {
${parts.loadB}
}
fn store(z: u32, m: u32, n: u32, sum: f32) {
${parts.store}
}
var<workgroup> tileA: array<f32, ${DEPTH * ROWS}>;
var<workgroup> tileB: array<f32, ${DEPTH * columns}>;
`;
  const rowTiles = Math.ceil(parts.m / ROWS);
  const x = Math.min(rowTiles, 65535);
  const body = `  let z = wg.z;
  let tile = wg.x % ${rowTiles}u;
  let m0 = tile * ${ROWS}u;
  let n0 = wg.y * ${columns}u;
  let depth = ${parts.depthOf ?? `${parts.k}u`};
  let row = (lane / ${across}u) * 4u;
  let column = (lane % ${across}u) * 4u;
  var s0 = vec4<f32>(); var s1 = vec4<f32>(); var s2 = vec4<f32>(); var s3 = vec4<f32>();
  for (var k0 = 0u; k0 < depth; k0 += ${DEPTH}u) {
    for (var t = lane; t < ${DEPTH * ROWS}u; t += ${threads}u) {
      let k = k0 + t % ${DEPTH}u;
      let m = m0 + t / ${DEPTH}u;
      var value = 0.0;
      if (k < depth && m < ${parts.m}u) { value = loadA(z, m, k); }
      tileA[(t % ${DEPTH}u) * ${ROWS}u + t / ${DEPTH}u] = value;
    }
    for (var t = lane; t < ${DEPTH * columns}u; t += ${threads}u) {
      let k = k0 + t / ${columns}u;
      let n = n0 + t % ${columns}u;
      var value = 0.0;
      if (k < depth && n < ${parts.n}u) { value = loadB(z, k, n); }
      tileB[t] = value;
    }
    workgroupBarrier();
    for (var k = 0u; k < ${DEPTH}u; k++) {
      let a = k * ${ROWS}u + row;
      let b = k * ${columns}u + column;
      let bv = vec4<f32>(tileB[b], tileB[b + 1u], tileB[b + 2u], tileB[b + 3u]);
      s0 += tileA[a] * bv;
      s1 += tileA[a + 1u] * bv;
      s2 += tileA[a + 2u] * bv;
      s3 += tileA[a + 3u] * bv;
    }
    workgroupBarrier();
  }
  var sums = array<vec4<f32>, 4>(s0, s1, s2, s3);
  for (var i = 0u; i < 4u; i++) {
    for (var j = 0u; j < 4u; j++) {
      let m = m0 + row + i;
      let n = n0 + column + j;
      if (m < ${parts.m}u && n < ${parts.n}u) { store(z, m, n, sums[i][j]); }
    }
  }`;
  return shader({ ...parts, declarations, body }, [threads, 1], [x, Math.ceil(parts.n / columns), parts.count]);
}
