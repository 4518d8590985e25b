/**
 * Convolutions without workgroup memory: each invocation works alone, on a tile of 4x8 sums in registers fed
 * straight from the buffers, and addresses of pixels are worked out once a tap, not once a word. On the one
 * adapter that it was measured on (SwiftShader, a processor) this is 2.5 times as fast as tiles that pass
 * through workgroup memory; on a GPU it has not been measured.
 *
 * For channels that come in eights, without groups, on every adapter; kernels/conv.ts has the rest.
 */
import type { Conv2d, Conv2dFilterGrad, Conv2dInputGrad, Geometry } from "../../steps";
import { kernelSize } from "../../steps";
import { type Dispatch, elementwise, type WordType } from "../dispatch";
import { addParts, clampCode, maskCode, PARTS } from "./conv";

const FOUR: WordType = "vec4<f32>";
const TURNED = "scratch:turned";
const ROWS = [0, 1, 2, 3];

export function suitsRegisters(g: Geometry): boolean {
  return g.groups === 1 && g.c % 8 === 0 && g.k % 8 === 0;
}

const lines = (of: (i: number) => string, indices: readonly number[] = ROWS) => indices.map(of).join("\n");

/** Four positions by eight channels of each of `planes` products: `base` is the body of `fn (plane, m, tap) -> i32`, a pixel's first vector or -1. */
export function positionsByChannels(
  parts: { label: string; reads: Record<string, string | null>; writes: Record<string, string>; types: Record<string, WordType> },
  size: { positions: number; taps: number; depth: number; channels: number; planes?: number },
  base: string,
  pixels: string,
  loadB: (j: number, half: number) => string,
  finish: (sum: string, at: string, four: string) => string,
): Dispatch {
  const { positions, taps, depth, channels, planes = 1 } = size;
  const pairs = channels / 8;
  const rows = Math.ceil(positions / 4);
  const body = `  let four = (i % ${pairs}u) * 2u;
  let m0 = ((i / ${pairs}u) % ${rows}u) * 4u;
  let plane = i / ${pairs * rows}u;
${lines((r) => `  var s${r} = vec4<f32>();\n  var t${r} = vec4<f32>();`)}
  for (var tap = 0u; tap < ${taps}u; tap++) {
${lines((r) => `    let p${r} = base(plane, m0 + ${r}u, tap);`)}
    for (var c = 0; c < ${depth / 4}; c++) {
${lines((r) => `      let a${r} = select(vec4<f32>(), ${pixels}[max(p${r}, 0) + c], p${r} >= 0);`)}
${lines(
  (j) => `      let b${j} = ${loadB(j, 0)};
      let d${j} = ${loadB(j, 1)};
${lines((r) => `      s${r} += a${r}[${j}] * b${j};\n      t${r} += a${r}[${j}] * d${j};`)}`,
  [0, 1, 2, 3],
)}
    }
  }
${lines(
  (r) => `  if (m0 + ${r}u < ${positions}u) {
    let at = (plane * ${positions}u + m0 + ${r}u) * ${channels / 4}u + four;
    ${finish(`s${r}`, "at", "four")}
    ${finish(`t${r}`, "(at + 1u)", "(four + 1u)")}
  }`,
)}`;
  const declarations = `fn base(plane: u32, m: u32, tap: u32) -> i32 {\n${base}\n}\n`;
  return elementwise(rows * pairs * planes, { ...parts, declarations, body });
}

export function registersConv(step: Conv2d): Dispatch {
  const g = step.geometry;
  const bias = (four: string) => (step.bias ? ` + bias[${four}]` : "");
  const residual = (at: string) => (step.residual ? ` + residual[${at}]` : "");
  return positionsByChannels(
    {
      label: "registersConv",
      reads: { x: step.x, w: step.w, bias: step.bias, residual: step.residual },
      writes: { out: step.out },
      types: { x: FOUR, w: FOUR, bias: FOUR, residual: FOUR, out: FOUR },
    },
    { positions: g.n * g.oh * g.ow, taps: g.kh * g.kw, depth: g.c, channels: g.k },
    `  let h = i32((m / ${g.ow}u) % ${g.oh}u) * ${g.sh} - ${g.pt} + i32(tap / ${g.kw}u) * ${g.dh};
  let v = i32(m % ${g.ow}u) * ${g.sw} - ${g.pl} + i32(tap % ${g.kw}u) * ${g.dw};
  if (h < 0 || v < 0 || h >= ${g.h} || v >= ${g.w} || m >= ${g.n * g.oh * g.ow}u) { return -1; }
  return ((i32(m / ${g.oh * g.ow}u) * ${g.h} + h) * ${g.w} + v) * ${g.c / 4};`,
    "x",
    (j, half) => `w[(tap * ${g.c}u + u32(c) * 4u + ${j}u) * ${g.k / 4}u + four + ${half}u]`,
    (sum, at, four) => `out[${at}] = ${clampCode(`(${sum}${bias(four)}${residual(at)})`, step.clamp, true)};`,
  );
}

/** The kernel is turned first, so that its input channels follow each other. */
export function registersInputGrad(step: Conv2dInputGrad): Dispatch[] {
  const g = step.geometry;
  const value = (sum: string, at: string) => (step.accumulate ? `(${sum} + dx[${at}])` : sum);
  const turn = elementwise(kernelSize(g), {
    label: "turnKernel",
    reads: { w: step.w },
    writes: { out: TURNED },
    body: `  out[i] = w[((i / ${g.c * g.k}u) * ${g.c}u + i % ${g.c}u) * ${g.k}u + (i / ${g.c}u) % ${g.k}u];`,
  });
  const product = positionsByChannels(
    {
      label: "registersInputGrad",
      reads: { dout: step.dout, w: TURNED, maskValue: step.mask?.value ?? null },
      writes: { dx: step.dx },
      types: { dout: FOUR, w: FOUR, maskValue: FOUR, dx: FOUR },
    },
    { positions: g.n * g.h * g.w, taps: g.kh * g.kw, depth: g.k, channels: g.c },
    `  let h = i32((m / ${g.w}u) % ${g.h}u) + ${g.pt} - i32(tap / ${g.kw}u) * ${g.dh};
  let v = i32(m % ${g.w}u) + ${g.pl} - i32(tap % ${g.kw}u) * ${g.dw};
  if (h < 0 || v < 0 || h % ${g.sh} != 0 || v % ${g.sw} != 0 || h / ${g.sh} >= ${g.oh} || v / ${g.sw} >= ${g.ow} || m >= ${g.n * g.h * g.w}u) { return -1; }
  return ((i32(m / ${g.h * g.w}u) * ${g.oh} + h / ${g.sh}) * ${g.ow} + v / ${g.sw}) * ${g.k / 4};`,
    "dout",
    (j, half) => `w[(tap * ${g.k}u + u32(c) * 4u + ${j}u) * ${g.c / 4}u + four + ${half}u]`,
    (sum, at) => `dx[${at}] = ${maskCode(value(sum, at), step.mask, "maskValue", at, true)};`,
  );
  return [{ ...turn, scratch: { [TURNED]: kernelSize(g) } }, product];
}

/** Invocations that keep the processor's threads busy. */
const BUSY = 256;

/** Four input by eight output channels of a tap, over a part of the batch. */
export function registersFilterGrad(step: Conv2dFilterGrad): Dispatch[] {
  const g = step.geometry;
  const [size, pairs, fours] = [kernelSize(g), g.k / 8, g.c / 4];
  const tiles = g.kh * g.kw * fours * pairs;
  const parts = Math.max(1, Math.min(g.n, Math.ceil(BUSY / tiles)));
  const body = `  let n = (i % ${pairs}u) * 2u;
  let c = (i / ${pairs}u) % ${fours}u;
  let tap = (i / ${pairs * fours}u) % ${g.kh * g.kw}u;
  let part = i / ${tiles}u;
  let up = i32(tap / ${g.kw}u) * ${g.dh} - ${g.pt};
  let aside = i32(tap % ${g.kw}u) * ${g.dw} - ${g.pl};
${lines((r) => `  var s${r} = vec4<f32>();\n  var t${r} = vec4<f32>();`)}
  for (var image = ${g.n}u * part / ${parts}u; image < ${g.n}u * (part + 1u) / ${parts}u; image++) {
    for (var p = 0; p < ${g.oh}; p++) {
      let h = p * ${g.sh} + up;
      if (h < 0 || h >= ${g.h}) { continue; }
      let row = (image * ${g.h}u + u32(h)) * ${(g.w * g.c) / 4}u + c;
      let line = (image * ${g.oh}u + u32(p)) * ${(g.ow * g.k) / 4}u + n;
      for (var q = 0; q < ${g.ow}; q++) {
        let v = q * ${g.sw} + aside;
        if (v < 0 || v >= ${g.w}) { continue; }
        let at = row + u32(v) * ${g.c / 4}u;
        let a = x[at];
        let b = dout[line + u32(q) * ${g.k / 4}u];
        let d = dout[line + u32(q) * ${g.k / 4}u + 1u];
${lines((r) => `        s${r} += a[${r}] * b;\n        t${r} += a[${r}] * d;`)}
      }
    }
  }
  let to = part * ${size / 4}u + (tap * ${g.c}u + c * 4u) * ${g.k / 4}u + n;
${lines((r) => `  dw[to + ${(r * g.k) / 4}u] = s${r};\n  dw[to + ${(r * g.k) / 4 + 1}u] = t${r};`)}`;
  const sums = elementwise(tiles * parts, {
    label: "registersFilterGrad",
    reads: { x: step.x, dout: step.dout },
    writes: { dw: parts > 1 ? PARTS : step.dw },
    types: { x: FOUR, dout: FOUR, dw: FOUR },
    body,
  });
  return parts > 1 ? [{ ...sums, scratch: { [PARTS]: parts * size } }, addParts(step.dw, parts, size)] : [sums];
}
