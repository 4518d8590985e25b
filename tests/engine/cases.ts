/** Cases of the engine's steps: what is built, and what tfjs makes of the same numbers. */
import * as tf from "@tensorflow/tfjs";
import type { ProgramBuilder } from "../../src/engine/program";
import type { Geometry } from "../../src/engine/steps";

export interface Case {
  name: string;
  inputs: Record<string, number[]>;
  /** Inputs that are convolution kernels: their gradient comes as partial sums. */
  kernels?: string[];
  build(b: ProgramBuilder): string;
  oracle(t: Record<string, tf.Tensor>): tf.Tensor;
  tolerance?: number;
}

export function geometry(
  g: Partial<Geometry> & Pick<Geometry, "n" | "h" | "w" | "c" | "k">,
  pads: [number, number, number, number] = [0, 0, 0, 0],
): Geometry {
  const full = { kh: 3, kw: 3, sh: 1, sw: 1, dh: 1, dw: 1, groups: 1, ...g, pt: pads[0], pl: pads[2] };
  const oh = Math.floor((full.h + pads[0] + pads[1] - (full.kh - 1) * full.dh - 1) / full.sh) + 1;
  const ow = Math.floor((full.w + pads[2] + pads[3] - (full.kw - 1) * full.dw - 1) / full.sw) + 1;
  return { ...full, oh, ow };
}

export function convCase(
  name: string,
  g: Geometry,
  pads: [number, number, number, number],
  extra: { bias?: boolean; residual?: boolean; clamp?: [number, number] } = {},
): Case {
  const out = [g.n, g.oh, g.ow, g.k];
  const depthwise = g.groups > 1 && g.groups === g.c && g.k === g.c;
  const inputs: Record<string, number[]> = { x: [g.n, g.h, g.w, g.c], w: [g.kh, g.kw, g.c / g.groups, g.k] };
  if (extra.bias) inputs.bias = [g.k];
  if (extra.residual) inputs.residual = out;
  return {
    name,
    inputs,
    kernels: ["w"],
    build(b) {
      const size = out.reduce((p, q) => p * q);
      const steps = [b.temp("conv", size), b.temp("sum", size), b.temp("act", size)] as const;
      b.step({ op: "conv2d", x: "x", w: "w", bias: extra.bias ? "bias" : null, residual: null, out: steps[0], geometry: g, clamp: null });
      let last: string = steps[0];
      if (extra.residual) {
        b.step({ op: "add", a: last, b: "residual", out: steps[1], size, clamp: null });
        last = steps[1];
      }
      if (extra.clamp) {
        b.step({ op: "clamp", x: last, out: steps[2], size, low: extra.clamp[0], high: extra.clamp[1] });
        last = steps[2];
      }
      return last;
    },
    oracle(t) {
      const padded = tf.pad(t.x as tf.Tensor4D, [
        [0, 0],
        [pads[0], pads[1]],
        [pads[2], pads[3]],
        [0, 0],
      ]) as tf.Tensor4D;
      const w = spread(spread(t.w as tf.Tensor4D, 0, g.dh), 1, g.dw) as tf.Tensor4D;
      const strides: [number, number] = [g.sh, g.sw];
      let y: tf.Tensor;
      if (depthwise) y = tf.depthwiseConv2d(padded, tf.reshape(w, [w.shape[0], w.shape[1], g.c, 1]), strides, "valid");
      else if (g.groups === 1) y = tf.conv2d(padded, w, strides, "valid");
      else {
        const xs = tf.split(padded, g.groups, 3);
        const ws = tf.split(w, g.groups, 3);
        y = tf.concat(
          xs.map((x, i) => tf.conv2d(x as tf.Tensor4D, ws[i] as tf.Tensor4D, strides, "valid")),
          3,
        );
      }
      if (t.bias) y = tf.add(y, t.bias);
      if (t.residual) y = tf.add(y, t.residual);
      if (extra.clamp) y = clip(y, extra.clamp[0], extra.clamp[1]);
      return y;
    },
  };
}

/** A dilated kernel written out with zeros: tfjs has no gradient of a dilated convolution. */
export function spread(w: tf.Tensor, axis: number, dilation: number): tf.Tensor {
  const slices = tf.split(w, w.shape[axis] as number, axis);
  const zeros = Array.from({ length: dilation - 1 }, () => tf.zerosLike(slices[0] as tf.Tensor));
  return dilation === 1
    ? w
    : tf.concat(
        slices.flatMap((slice, i) => (i ? [...zeros, slice] : [slice])),
        axis,
      );
}

/** tfjs has no infinite clip. */
export function clip(y: tf.Tensor, low: number, high: number): tf.Tensor {
  return tf.clipByValue(y, low, Math.min(high, 1e30));
}
