/**
 * Convolution and its gradients as implicit matrix products, with their epilogues. Buffers whose channels come
 * in fours are declared as vectors, and addresses count them.
 */
import type { Clamp, Conv2d, Conv2dFilterGrad, Conv2dInputGrad, Geometry, Mask } from "../../steps";
import { kernelSize } from "../../steps";
import { type Dispatch, elementwise, literal, type WordType } from "../dispatch";
import { gemm } from "./gemm";

export function clampCode(value: string, clamp: Clamp | null, four = false): string {
  if (!clamp) return value;
  const limit = (word: number) => (four ? `vec4(${literal(word)})` : literal(word));
  return `clamp(${value}, ${limit(clamp.low)}, ${limit(clamp.high)})`;
}

/** `value` kept where the mask's value at `index` lies strictly inside its clamp. */
export function maskCode(value: string, mask: Mask | null, name: string, index: string, four = false): string {
  if (!mask) return value;
  if (four) {
    const at = `${name}[${index}]`;
    return `select(vec4<f32>(), ${value}, (${at} > vec4(${literal(mask.low)})) & (${at} < vec4(${literal(mask.high)})))`;
  }
  return `select(0.0, ${value}, ${name}[${index}] > ${literal(mask.low)} && ${name}[${index}] < ${literal(mask.high)})`;
}

const VECTOR: WordType = "vec4<f32>";

/** Types for the named buffers that hold vectors. */
function vectors(names: Record<string, boolean>): Record<string, WordType> {
  return Object.fromEntries(Object.keys(names).flatMap((name) => (names[name] ? [[name, VECTOR]] : [])));
}

/** An address in words, or in vectors. */
const scaled = (address: string, four: boolean) => (four ? `(${address}) / 4u` : address);

/** Code that finds the input pixel of window word `k` at output position `m`, and leaves where it is padding. */
function windowPixel(g: Geometry, position: string, tap: string, zero: string): string {
  return `  let q = ${position} % ${g.ow}u;
  let p = (${position} / ${g.ow}u) % ${g.oh}u;
  let image = ${position} / ${g.oh * g.ow}u;
  let h = i32(p) * ${g.sh} - ${g.pt} + i32(${tap} / ${g.kw}u) * ${g.dh};
  let w0 = i32(q) * ${g.sw} - ${g.pl} + i32(${tap} % ${g.kw}u) * ${g.dw};
  if (h < 0 || w0 < 0 || h >= ${g.h} || w0 >= ${g.w}) { return ${zero}; }
  let pixel = ((image * ${g.h}u + u32(h)) * ${g.w}u + u32(w0)) * ${g.c}u;`;
}

const zeroOf = (four: boolean) => (four ? "vec4<f32>()" : "0.0");
const access = (code: string, four: boolean) => (four ? { four: code } : { word: code });

export function conv2d(step: Conv2d): Dispatch {
  const g = step.geometry;
  const [cg, kg] = [g.c / g.groups, g.k / g.groups];
  const [inFours, outFours] = [cg % 4 === 0, kg % 4 === 0];
  const bias = step.bias ? ` + bias[${scaled("channel", outFours)}]` : "";
  const residual = step.residual ? ` + residual[${scaled("at", outFours)}]` : "";
  return gemm({
    label: "conv2d",
    reads: { x: step.x, w: step.w, bias: step.bias, residual: step.residual },
    writes: { out: step.out },
    types: vectors({ x: inFours, w: outFours, bias: outFours, residual: outFours, out: outFours }),
    m: g.n * g.oh * g.ow,
    n: kg,
    k: g.kh * g.kw * cg,
    count: g.groups,
    along: "k",
    loadA: access(
      `  let tap = k / ${cg}u;
${windowPixel(g, "m", "tap", zeroOf(inFours))}
  return x[${scaled(`pixel + z * ${cg}u + k % ${cg}u`, inFours)}];`,
      inFours,
    ),
    loadB: access(`  return w[${scaled(`k * ${g.k}u + z * ${kg}u + n`, outFours)}];`, outFours),
    store: access(
      `  let channel = z * ${kg}u + n;
  let at = m * ${g.k}u + channel;
  out[${scaled("at", outFours)}] = ${clampCode(`sum${bias}${residual}`, step.clamp, outFours)};`,
      outFours,
    ),
  });
}

export function conv2dInputGrad(step: Conv2dInputGrad): Dispatch {
  const g = step.geometry;
  const [cg, kg] = [g.c / g.groups, g.k / g.groups];
  const [inFours, outFours] = [kg % 4 === 0, cg % 4 === 0];
  const at = scaled("at", outFours);
  return gemm({
    label: "conv2dInputGrad",
    reads: { dout: step.dout, w: step.w, maskValue: step.mask?.value ?? null },
    writes: { dx: step.dx },
    types: vectors({ dout: inFours, maskValue: outFours, dx: outFours }),
    m: g.n * g.h * g.w,
    n: cg,
    k: g.kh * g.kw * kg,
    count: g.groups,
    along: "k",
    loadA: access(
      `  let channel = k % ${kg}u;
  let tap = k / ${kg}u;
  let image = m / ${g.h * g.w}u;
  let h = i32((m / ${g.w}u) % ${g.h}u) + ${g.pt} - i32(tap / ${g.kw}u) * ${g.dh};
  let v = i32(m % ${g.w}u) + ${g.pl} - i32(tap % ${g.kw}u) * ${g.dw};
  if (h < 0 || v < 0 || h % ${g.sh} != 0 || v % ${g.sw} != 0 || h / ${g.sh} >= ${g.oh} || v / ${g.sw} >= ${g.ow}) { return ${zeroOf(inFours)}; }
  return dout[${scaled(`((image * ${g.oh}u + u32(h / ${g.sh})) * ${g.ow}u + u32(v / ${g.sw})) * ${g.k}u + z * ${kg}u + channel`, inFours)}];`,
      inFours,
    ),
    loadB: { word: `  return w[((k / ${kg}u) * ${cg}u + n) * ${g.k}u + z * ${kg}u + k % ${kg}u];` },
    store: access(
      `  let at = m * ${g.c}u + z * ${cg}u + n;
  dx[${at}] = ${maskCode(step.accumulate ? `(sum + dx[${at}])` : "sum", step.mask, "maskValue", at, outFours)};`,
      outFours,
    ),
  });
}

/** Workgroups that keep a GPU busy; a kernel gradient has few tiles, so its positions are cut into parts. */
const BUSY = 256;
/** Positions that a part has at least. */
const SHORTEST = 256;

/**
 * The kernel gradient sums over all positions of the batch. They are cut into parts that are summed apart and
 * added in order by a second dispatch: no atomics, so a run repeats itself.
 */
export function conv2dFilterGrad(step: Conv2dFilterGrad): Dispatch[] {
  const g = step.geometry;
  const [cg, kg] = [g.c / g.groups, g.k / g.groups];
  const [inFours, outFours] = [cg % 4 === 0, kg % 4 === 0];
  const positions = g.n * g.oh * g.ow;
  const m = g.kh * g.kw * cg;
  const tiles = Math.ceil(m / 64) * Math.ceil(kg / 64) * g.groups;
  const parts = Math.max(1, Math.min(Math.floor(BUSY / tiles), Math.floor(positions / SHORTEST)));
  const each = Math.ceil(positions / parts / 4) * 4;
  const size = kernelSize(g);
  const sums = gemm({
    label: "conv2dFilterGrad",
    reads: { x: step.x, dout: step.dout },
    writes: { dw: parts > 1 ? PARTS : step.dw },
    types: vectors({ x: inFours, dout: outFours, dw: outFours }),
    m,
    n: kg,
    k: each,
    count: g.groups * parts,
    depthOf: `min(${each}u, ${positions}u - min(${positions}u, (z / ${g.groups}u) * ${each}u))`,
    along: "m",
    loadA: access(
      `  let at = (z / ${g.groups}u) * ${each}u + k;
  let tap = m / ${cg}u;
${windowPixel(g, "at", "tap", zeroOf(inFours))}
  return x[${scaled(`pixel + (z % ${g.groups}u) * ${cg}u + m % ${cg}u`, inFours)}];`,
      inFours,
    ),
    loadB: access(`  return dout[${scaled(`((z / ${g.groups}u) * ${each}u + k) * ${g.k}u + (z % ${g.groups}u) * ${kg}u + n`, outFours)}];`, outFours),
    store: access(`  dw[${scaled(`(z / ${g.groups}u) * ${size}u + m * ${g.k}u + (z % ${g.groups}u) * ${kg}u + n`, outFours)}] = sum;`, outFours),
  });
  return parts > 1 ? [{ ...sums, scratch: { [PARTS]: parts * size } }, addParts(step.dw, parts, size)] : [sums];
}

/** Where partial sums wait for their addition. */
export const PARTS = "scratch:parts";

/** out = the sum of `parts` runs of `size` words of the partial sums. */
export function addParts(out: string, parts: number, size: number): Dispatch {
  return elementwise(size, {
    label: "addParts",
    reads: { parts: PARTS },
    writes: { out },
    body: `  var sum = parts[i];
  for (var p = 1u; p < ${parts}u; p++) { sum += parts[p * ${size}u + i]; }
  out[i] = sum;`,
  });
}
