/** Element-by-element steps and strided copies. */
import type { Add, ClampStep, Copy, Fill, MaskStep } from "../../steps";
import { type Dispatch, elementwise, literal } from "../dispatch";
import { clampCode, maskCode } from "./conv";

export function clampStep(step: ClampStep): Dispatch {
  const body = `  out[i] = ${clampCode("x[i]", step)};`;
  return elementwise(step.size, { label: "clamp", reads: { x: step.x }, writes: { out: step.out }, body });
}

export function maskStep(step: MaskStep): Dispatch {
  const masked = maskCode("dout[i]", step.mask, "value", "i");
  return elementwise(step.size, {
    label: "mask",
    reads: { dout: step.dout, value: step.mask.value },
    writes: { dx: step.dx },
    body: `  dx[i] = ${masked}${step.accumulate ? " + dx[i]" : ""};`,
  });
}

export function add(step: Add): Dispatch {
  const same = step.a === step.b;
  return elementwise(step.size, {
    label: "add",
    reads: { a: step.a, b: same ? null : step.b },
    writes: { out: step.out },
    body: `  out[i] = ${clampCode(`a[i] + ${same ? "a" : "b"}[i]`, step.clamp)};`,
  });
}

export function fill(step: Fill): Dispatch {
  return elementwise(step.size, { label: "fill", writes: { out: step.out }, body: `  out[i] = ${literal(step.value)};` });
}

export function copy(step: Copy): Dispatch {
  const [e0, e1, e2, e3] = step.extents;
  const index = ({ offset, strides }: Copy["from"]) =>
    `${offset}u + i0 * ${strides[0]}u + i1 * ${strides[1]}u + i2 * ${strides[2]}u + i3 * ${strides[3]}u`;
  return elementwise(e0 * e1 * e2 * e3, {
    label: "copy",
    reads: { x: step.x },
    writes: { out: step.out },
    body: `  let i3 = i % ${e3}u;
  let i2 = (i / ${e3}u) % ${e2}u;
  let i1 = (i / ${e3 * e2}u) % ${e1}u;
  let i0 = i / ${e3 * e2 * e1}u;
  let to = ${index(step.to)};
  out[to] = x[${index(step.from)}]${step.accumulate ? " + out[to]" : ""};`,
  });
}
