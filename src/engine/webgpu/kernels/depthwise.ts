/** Depthwise convolution and its gradients: one invocation for four output channels, or for one where channels do not come in fours. */
import { type Conv2d, type Conv2dFilterGrad, type Conv2dInputGrad, type Geometry, kernelSize } from "../../steps";
import { type Dispatch, elementwise, type WordType } from "../dispatch";
import { addParts, clampCode, maskCode, PARTS } from "./conv";

/** Channels counted in what an invocation takes: vectors or words. */
function lanesOf({ c }: Geometry): { four: boolean; channels: number; type: WordType; zero: string } {
  const four = c % 4 === 0;
  return four ? { four, channels: c / 4, type: "vec4<f32>", zero: "vec4<f32>()" } : { four, channels: c, type: "f32", zero: "0.0" };
}

const typed = (type: WordType, ...names: string[]) => Object.fromEntries(names.map((name) => [name, type]));

export function depthwise(step: Conv2d): Dispatch {
  const g = step.geometry;
  const { four, channels, type, zero } = lanesOf(g);
  return elementwise(g.n * g.oh * g.ow * channels, {
    label: "depthwise",
    reads: { x: step.x, w: step.w, bias: step.bias, residual: step.residual },
    writes: { out: step.out },
    types: typed(type, "x", "w", "bias", "residual", "out"),
    body: `  let c = i % ${channels}u;
  let position = i / ${channels}u;
  let image = position / ${g.oh * g.ow}u;
  let top = i32((position / ${g.ow}u) % ${g.oh}u) * ${g.sh} - ${g.pt};
  let left = i32(position % ${g.ow}u) * ${g.sw} - ${g.pl};
  var sum = ${step.bias ? "bias[c]" : zero};
  for (var r = 0; r < ${g.kh}; r++) {
    for (var s = 0; s < ${g.kw}; s++) {
      let h = top + r * ${g.dh};
      let v = left + s * ${g.dw};
      if (h >= 0 && v >= 0 && h < ${g.h} && v < ${g.w}) {
        sum += x[((image * ${g.h}u + u32(h)) * ${g.w}u + u32(v)) * ${channels}u + c] * w[u32(r * ${g.kw} + s) * ${channels}u + c];
      }
    }
  }
  out[i] = ${clampCode(step.residual ? "(sum + residual[i])" : "sum", step.clamp, four)};`,
  });
}

export function depthwiseInputGrad(step: Conv2dInputGrad): Dispatch {
  const g = step.geometry;
  const { four, channels, type, zero } = lanesOf(g);
  return elementwise(g.n * g.h * g.w * channels, {
    label: "depthwiseInputGrad",
    reads: { dout: step.dout, w: step.w, maskValue: step.mask?.value ?? null },
    writes: { dx: step.dx },
    types: typed(type, "dout", "w", "maskValue", "dx"),
    body: `  let c = i % ${channels}u;
  let position = i / ${channels}u;
  let image = position / ${g.h * g.w}u;
  let row = i32((position / ${g.w}u) % ${g.h}u) + ${g.pt};
  let column = i32(position % ${g.w}u) + ${g.pl};
  var sum = ${zero};
  for (var r = 0; r < ${g.kh}; r++) {
    for (var s = 0; s < ${g.kw}; s++) {
      let h = row - r * ${g.dh};
      let v = column - s * ${g.dw};
      if (h >= 0 && v >= 0 && h % ${g.sh} == 0 && v % ${g.sw} == 0 && h / ${g.sh} < ${g.oh} && v / ${g.sw} < ${g.ow}) {
        sum += dout[((image * ${g.oh}u + u32(h / ${g.sh})) * ${g.ow}u + u32(v / ${g.sw})) * ${channels}u + c] * w[u32(r * ${g.kw} + s) * ${channels}u + c];
      }
    }
  }
  dx[i] = ${maskCode(step.accumulate ? "(sum + dx[i])" : "sum", step.mask, "maskValue", "i", four)};`,
  });
}

/** Parts of the batch whose kernel gradients are summed apart. */
const SHARES = 16;

export function depthwiseFilterGrad(step: Conv2dFilterGrad): Dispatch[] {
  const g = step.geometry;
  const { channels, type, zero } = lanesOf(g);
  const parts = Math.min(SHARES, g.n);
  const size = kernelSize(g);
  const taps = g.kh * g.kw;
  const sums = elementwise(parts * taps * channels, {
    label: "depthwiseFilterGrad",
    reads: { x: step.x, dout: step.dout },
    writes: { dw: parts > 1 ? PARTS : step.dw },
    types: typed(type, "x", "dout", "dw"),
    body: `  let c = i % ${channels}u;
  let tap = (i / ${channels}u) % ${taps}u;
  let part = i / ${taps * channels}u;
  let up = i32(tap / ${g.kw}u) * ${g.dh} - ${g.pt};
  let aside = i32(tap % ${g.kw}u) * ${g.dw} - ${g.pl};
  var sum = ${zero};
  for (var image = ${g.n}u * part / ${parts}u; image < ${g.n}u * (part + 1u) / ${parts}u; image++) {
    for (var p = 0; p < ${g.oh}; p++) {
      let h = p * ${g.sh} + up;
      if (h < 0 || h >= ${g.h}) { continue; }
      for (var q = 0; q < ${g.ow}; q++) {
        let v = q * ${g.sw} + aside;
        if (v < 0 || v >= ${g.w}) { continue; }
        sum += x[((image * ${g.h}u + u32(h)) * ${g.w}u + u32(v)) * ${channels}u + c] * dout[((image * ${g.oh}u + u32(p)) * ${g.ow}u + u32(q)) * ${channels}u + c];
      }
    }
  }
  dw[i] = sum;`,
  });
  return parts > 1 ? [{ ...sums, scratch: { [PARTS]: parts * size } }, addParts(step.dw, parts, size)] : [sums];
}
