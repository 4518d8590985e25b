/**
 * The matrix product of the convolutions that kernels/registers.ts does not take (groups, channels that do not come
 * in eights): C[m, n] = sum over k of A[m, k] * B[k, n], where A, B and the
 * store are given as WGSL functions. A convolution never materialises its im2col matrix: loading A computes
 * the address of a window word.
 *
 * A workgroup owns a tile of C. Slices of 16 of k pass through workgroup memory as vectors of four, and each
 * invocation keeps `height` x 4 sums in registers. Where channels come in fours, loads and stores are single
 * vectors; elsewhere they are put together from words.
 */
import { type Dispatch, type ShaderParts, shader } from "../dispatch";

const DEPTH = 16;

/** WGSL for one word, or for four words at once. */
export type Access = { readonly word: string } | { readonly four: string };

export interface Gemm extends Omit<ShaderParts, "body"> {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** Independent products (groups, or partial sums), the z of the dispatch grid. */
  readonly count: number;
  /** Whether four words of A follow each other along k or along m. */
  readonly along: "k" | "m";
  /** Body of `fn (z, m, k) -> f32` or `-> vec4<f32>`. */
  readonly loadA: Access;
  /** Body of `fn (z, k, n) -> f32`, or the four from n on. */
  readonly loadB: Access;
  /** Body of `fn (z, m, n, sum: f32)`, or of four from n on. */
  readonly store: Access;
  /** WGSL for the number of words to sum for product z, if it differs from k. */
  readonly depthOf?: string;
}

interface Tile {
  readonly rows: number;
  readonly columns: number;
  /** Rows of an invocation's sums; 4 columns each. */
  readonly height: number;
}

/** The tile for a product: as tall as there are rows for several workgroups, as wide as the channels. */
function tileOf(m: number, n: number, count: number): Tile {
  const columns = n <= 16 ? 16 : n <= 32 ? 32 : 64;
  const tall = Math.ceil(m / 128) * Math.ceil(n / columns) * count >= 64;
  return tall ? { rows: 128, columns, height: 8 } : { rows: 64, columns, height: 4 };
}

const range = (count: number) => Array.from({ length: count }, (_, i) => i);

function accessors({ m, n, along, loadA, loadB, store }: Gemm): string {
  const four = (name: string, index: string, limit: string) =>
    `  var four = vec4<f32>();\n${range(4)
      .map((i) => `  if (${index} + ${i}u < ${limit}) { four[${i}] = ${name}; }`.replaceAll("@", `${i}u`))
      .join("\n")}\n  return four;`;
  const a =
    "four" in loadA
      ? `fn loadA(z: u32, m: u32, k: u32, depth: u32) -> vec4<f32> {\n${loadA.four}\n}`
      : `fn wordA(z: u32, m: u32, k: u32) -> f32 {\n${loadA.word}\n}
fn loadA(z: u32, m: u32, k: u32, depth: u32) -> vec4<f32> {
${along === "k" ? four("wordA(z, m, k + @)", "k", "depth") : four("wordA(z, m + @, k)", "m", `${m}u`)}
}`;
  const b =
    "four" in loadB
      ? `fn loadB(z: u32, k: u32, n: u32) -> vec4<f32> {\n${loadB.four}\n}`
      : `fn wordB(z: u32, k: u32, n: u32) -> f32 {\n${loadB.word}\n}
fn loadB(z: u32, k: u32, n: u32) -> vec4<f32> {
${four("wordB(z, k, n + @)", "n", `${n}u`)}
}`;
  const out =
    "four" in store
      ? `fn store(z: u32, m: u32, n: u32, sum: vec4<f32>) {\n${store.four}\n}`
      : `fn storeWord(z: u32, m: u32, n: u32, sum: f32) {\n${store.word}\n}
fn store(z: u32, m: u32, n: u32, sum: vec4<f32>) {
${range(4)
  .map((i) => `  if (n + ${i}u < ${n}u) { storeWord(z, m, n + ${i}u, sum[${i}]); }`)
  .join("\n")}
}`;
  return `${a}\n${b}\n${out}\n`;
}

/** The sums of four steps of k, from word 4 * k4 of the slice on. */
function steps({ along }: Gemm, { rows, columns, height }: Tile): string {
  const across = columns / 4;
  const b = (j: number) => `let b${j} = tileB[(k4 * 4u + ${j}u) * ${across}u + column];`;
  if (along === "k")
    return `${range(height)
      .map((i) => `      let a${i} = tileA[(row + ${i}u) * ${DEPTH / 4}u + k4];`)
      .join("\n")}
${range(4)
  .map(
    (j) =>
      `      ${b(j)}\n${range(height)
        .map((i) => `      s${i} += a${i}[${j}] * b${j};`)
        .join("\n")}`,
  )
  .join("\n")}`;
  return range(4)
    .map(
      (j) => `      ${b(j)}
${range(height / 4)
  .map((h) => `      let a${j}_${h} = tileA[(k4 * 4u + ${j}u) * ${rows / 4}u + row / 4u + ${h}u];`)
  .join("\n")}
${range(height)
  .map((i) => `      s${i} += a${j}_${Math.floor(i / 4)}[${i % 4}] * b${j};`)
  .join("\n")}`,
    )
    .join("\n");
}

export function gemm(parts: Gemm): Dispatch {
  const tile = tileOf(parts.m, parts.n, parts.count);
  const { rows, columns, height } = tile;
  const across = columns / 4;
  const threads = (rows / height) * across;
  const declarations = `${parts.declarations ?? ""}${accessors(parts)}var<workgroup> tileA: array<vec4<f32>, ${(DEPTH * rows) / 4}>;
var<workgroup> tileB: array<vec4<f32>, ${(DEPTH * columns) / 4}>;
`;
  const [mOf, kOf] = parts.along === "k" ? [`t / ${DEPTH / 4}u`, `(t % ${DEPTH / 4}u) * 4u`] : [`(t % ${rows / 4}u) * 4u`, `t / ${rows / 4}u`];
  const body = `  let z = wg.z;
  let m0 = wg.x * ${rows}u;
  let n0 = wg.y * ${columns}u;
  let depth = ${parts.depthOf ?? `${parts.k}u`};
  let row = (lane / ${across}u) * ${height}u;
  let column = lane % ${across}u;
${range(height)
  .map((i) => `  var s${i} = vec4<f32>();`)
  .join("\n")}
  for (var k0 = 0u; k0 < depth; k0 += ${DEPTH}u) {
    for (var t = lane; t < ${(DEPTH * rows) / 4}u; t += ${threads}u) {
      let m = m0 + ${mOf};
      let k = k0 + ${kOf};
      var value = vec4<f32>();
      if (k < depth && m < ${parts.m}u) { value = loadA(z, m, k, depth); }
      tileA[t] = value;
    }
    for (var t = lane; t < ${(DEPTH * columns) / 4}u; t += ${threads}u) {
      let k = k0 + t / ${across}u;
      let n = n0 + (t % ${across}u) * 4u;
      var value = vec4<f32>();
      if (k < depth && n < ${parts.n}u) { value = loadB(z, k, n); }
      tileB[t] = value;
    }
    workgroupBarrier();
    for (var k4 = 0u; k4 < ${DEPTH / 4}u; k4++) {
${steps(parts, tile)}
    }
    workgroupBarrier();
  }
  let n = n0 + column * 4u;
  if (n >= ${parts.n}u) { return; }
${range(height)
  .map((i) => `  if (m0 + row + ${i}u < ${parts.m}u) { store(z, m0 + row + ${i}u, n, s${i}); }`)
  .join("\n")}`;
  return shader({ ...parts, declarations, body }, [threads, 1], [Math.ceil(parts.m / rows), Math.ceil(parts.n / columns), parts.count]);
}
