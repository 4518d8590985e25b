/** Convolution and its gradients as implicit matrix products, with their epilogues. */
import type { Clamp, Conv2d, Conv2dFilterGrad, Conv2dInputGrad, Mask } from "../../steps";
import { kernelSize } from "../../steps";
import { type Dispatch, literal } from "../dispatch";
import { gemm } from "./gemm";

export function clampCode(value: string, clamp: Clamp | null): string {
  return clamp ? `clamp(${value}, ${literal(clamp.low)}, ${literal(clamp.high)})` : value;
}

/** `value` kept where the mask's value at `index` lies strictly inside its clamp. */
export function maskCode(value: string, mask: Mask | null, name: string, index: string): string {
  if (!mask) return value;
  return `select(0.0, ${value}, ${name}[${index}] > ${literal(mask.low)} && ${name}[${index}] < ${literal(mask.high)})`;
}

export function conv2d(step: Conv2d): Dispatch {
  const g = step.geometry;
  const [cg, kg] = [g.c / g.groups, g.k / g.groups];
  const bias = step.bias ? " + bias[channel]" : "";
  const residual = step.residual ? " + residual[at]" : "";
  return gemm({
    label: "conv2d",
    reads: { x: step.x, w: step.w, bias: step.bias, residual: step.residual },
    writes: { out: step.out },
    m: g.n * g.oh * g.ow,
    n: kg,
    k: g.kh * g.kw * cg,
    count: g.groups,
    loadA: `  let q = m % ${g.ow}u;
  let p = (m / ${g.ow}u) % ${g.oh}u;
  let image = m / ${g.oh * g.ow}u;
  let c = k % ${cg}u;
  let tap = k / ${cg}u;
  let h = i32(p) * ${g.sh} - ${g.pt} + i32(tap / ${g.kw}u) * ${g.dh};
  let w = i32(q) * ${g.sw} - ${g.pl} + i32(tap % ${g.kw}u) * ${g.dw};
  if (h < 0 || w < 0 || h >= ${g.h} || w >= ${g.w}) { return 0.0; }
  return x[((image * ${g.h}u + u32(h)) * ${g.w}u + u32(w)) * ${g.c}u + z * ${cg}u + c];`,
    loadB: `  return w[k * ${g.k}u + z * ${kg}u + n];`,
    store: `  let channel = z * ${kg}u + n;
  let at = m * ${g.k}u + channel;
  out[at] = ${clampCode(`sum${bias}${residual}`, step.clamp)};`,
  });
}

export function conv2dInputGrad(step: Conv2dInputGrad): Dispatch {
  const g = step.geometry;
  const [cg, kg] = [g.c / g.groups, g.k / g.groups];
  const value = step.accumulate ? "(sum + dx[at])" : "sum";
  return gemm({
    label: "conv2dInputGrad",
    reads: { dout: step.dout, w: step.w, maskValue: step.mask?.value ?? null },
    writes: { dx: step.dx },
    m: g.n * g.h * g.w,
    n: cg,
    k: g.kh * g.kw * kg,
    count: g.groups,
    loadA: `  let channel = k % ${kg}u;
  let tap = k / ${kg}u;
  let image = m / ${g.h * g.w}u;
  let h = i32((m / ${g.w}u) % ${g.h}u) + ${g.pt} - i32(tap / ${g.kw}u) * ${g.dh};
  let v = i32(m % ${g.w}u) + ${g.pl} - i32(tap % ${g.kw}u) * ${g.dw};
  if (h < 0 || v < 0 || h % ${g.sh} != 0 || v % ${g.sw} != 0 || h / ${g.sh} >= ${g.oh} || v / ${g.sw} >= ${g.ow}) { return 0.0; }
  return dout[((image * ${g.oh}u + u32(h / ${g.sh})) * ${g.ow}u + u32(v / ${g.sw})) * ${g.k}u + z * ${kg}u + channel];`,
    loadB: `  return w[((k / ${kg}u) * ${cg}u + n) * ${g.k}u + z * ${kg}u + k % ${kg}u];`,
    store: `  let at = m * ${g.c}u + z * ${cg}u + n;
  dx[at] = ${maskCode(value, step.mask, "maskValue", "at")};`,
  });
}

export function conv2dFilterGrad(step: Conv2dFilterGrad): Dispatch {
  const g = step.geometry;
  const [cg, kg] = [g.c / g.groups, g.k / g.groups];
  const plane = g.oh * g.ow;
  return gemm({
    label: "conv2dFilterGrad",
    reads: { x: step.x, dout: step.dout },
    writes: { dw: step.dw },
    m: g.kh * g.kw * cg,
    n: kg,
    k: plane * g.n,
    count: g.groups * step.parts,
    depthOf: `(${g.n}u * (z / ${g.groups}u + 1u) / ${step.parts}u - ${g.n}u * (z / ${g.groups}u) / ${step.parts}u) * ${plane}u`,
    declarations: `fn position(z: u32, k: u32) -> u32 { return (${g.n}u * (z / ${g.groups}u) / ${step.parts}u) * ${plane}u + k; }\n`,
    loadA: `  let at = position(z, k);
  let image = at / ${plane}u;
  let c = m % ${cg}u;
  let tap = m / ${cg}u;
  let h = i32((at / ${g.ow}u) % ${g.oh}u) * ${g.sh} - ${g.pt} + i32(tap / ${g.kw}u) * ${g.dh};
  let w = i32(at % ${g.ow}u) * ${g.sw} - ${g.pl} + i32(tap % ${g.kw}u) * ${g.dw};
  if (h < 0 || w < 0 || h >= ${g.h} || w >= ${g.w}) { return 0.0; }
  return x[((image * ${g.h}u + u32(h)) * ${g.w}u + u32(w)) * ${g.c}u + (z % ${g.groups}u) * ${cg}u + c];`,
    loadB: `  return dout[position(z, k) * ${g.k}u + (z % ${g.groups}u) * ${kg}u + n];`,
    store: `  dw[(z / ${g.groups}u) * ${kernelSize(g)}u + m * ${g.k}u + (z % ${g.groups}u) * ${kg}u + n] = sum;`,
  });
}
