/** Depthwise convolution and its gradients: one invocation an output word. */
import { type Conv2d, type Conv2dFilterGrad, type Conv2dInputGrad, kernelSize } from "../../steps";
import { type Dispatch, elementwise } from "../dispatch";
import { addParts, clampCode, maskCode, PARTS } from "./conv";

export function depthwise(step: Conv2d): Dispatch {
  const g = step.geometry;
  return elementwise(g.n * g.oh * g.ow * g.c, {
    label: "depthwise",
    reads: { x: step.x, w: step.w, bias: step.bias, residual: step.residual },
    writes: { out: step.out },
    body: `  let c = i % ${g.c}u;
  let position = i / ${g.c}u;
  let image = position / ${g.oh * g.ow}u;
  let top = i32((position / ${g.ow}u) % ${g.oh}u) * ${g.sh} - ${g.pt};
  let left = i32(position % ${g.ow}u) * ${g.sw} - ${g.pl};
  var sum = ${step.bias ? "bias[c]" : "0.0"};
  for (var r = 0; r < ${g.kh}; r++) {
    for (var s = 0; s < ${g.kw}; s++) {
      let h = top + r * ${g.dh};
      let v = left + s * ${g.dw};
      if (h >= 0 && v >= 0 && h < ${g.h} && v < ${g.w}) {
        sum += x[((image * ${g.h}u + u32(h)) * ${g.w}u + u32(v)) * ${g.c}u + c] * w[u32(r * ${g.kw} + s) * ${g.c}u + c];
      }
    }
  }
  out[i] = ${clampCode(`sum${step.residual ? " + residual[i]" : ""}`, step.clamp)};`,
  });
}

export function depthwiseInputGrad(step: Conv2dInputGrad): Dispatch {
  const g = step.geometry;
  return elementwise(g.n * g.h * g.w * g.c, {
    label: "depthwiseInputGrad",
    reads: { dout: step.dout, w: step.w, maskValue: step.mask?.value ?? null },
    writes: { dx: step.dx },
    body: `  let c = i % ${g.c}u;
  let position = i / ${g.c}u;
  let image = position / ${g.h * g.w}u;
  let row = i32((position / ${g.w}u) % ${g.h}u) + ${g.pt};
  let column = i32(position % ${g.w}u) + ${g.pl};
  var sum = 0.0;
  for (var r = 0; r < ${g.kh}; r++) {
    for (var s = 0; s < ${g.kw}; s++) {
      let h = row - r * ${g.dh};
      let v = column - s * ${g.dw};
      if (h >= 0 && v >= 0 && h % ${g.sh} == 0 && v % ${g.sw} == 0 && h / ${g.sh} < ${g.oh} && v / ${g.sw} < ${g.ow}) {
        sum += dout[((image * ${g.oh}u + u32(h / ${g.sh})) * ${g.ow}u + u32(v / ${g.sw})) * ${g.c}u + c] * w[u32(r * ${g.kw} + s) * ${g.c}u + c];
      }
    }
  }
  dx[i] = ${maskCode(step.accumulate ? "(sum + dx[i])" : "sum", step.mask, "maskValue", "i")};`,
  });
}

/** Parts of the batch whose kernel gradients are summed apart. */
const SHARES = 16;

export function depthwiseFilterGrad(step: Conv2dFilterGrad): Dispatch[] {
  const g = step.geometry;
  const parts = Math.min(SHARES, g.n);
  const size = kernelSize(g);
  const sums = elementwise(parts * size, {
    label: "depthwiseFilterGrad",
    reads: { x: step.x, dout: step.dout },
    writes: { dw: parts > 1 ? PARTS : step.dw },
    body: `  let c = i % ${g.c}u;
  let tap = (i / ${g.c}u) % ${g.kh * g.kw}u;
  let part = i / ${size}u;
  var sum = 0.0;
  for (var image = ${g.n}u * part / ${parts}u; image < ${g.n}u * (part + 1u) / ${parts}u; image++) {
    for (var p = 0u; p < ${g.oh * g.ow}u; p++) {
      let h = i32(p / ${g.ow}u) * ${g.sh} - ${g.pt} + i32(tap / ${g.kw}u) * ${g.dh};
      let v = i32(p % ${g.ow}u) * ${g.sw} - ${g.pl} + i32(tap % ${g.kw}u) * ${g.dw};
      if (h >= 0 && v >= 0 && h < ${g.h} && v < ${g.w}) {
        sum += x[((image * ${g.h}u + u32(h)) * ${g.w}u + u32(v)) * ${g.c}u + c] * dout[(image * ${g.oh * g.ow}u + p) * ${g.c}u + c];
      }
    }
  }
  dw[i] = sum;`,
  });
  return parts > 1 ? [{ ...sums, scratch: { [PARTS]: parts * size } }, addParts(step.dw, parts, size)] : [sums];
}
