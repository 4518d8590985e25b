/** Shapes of windows that slide over an image, shared by convolution and pooling. */
import { BadInput } from "../base/errors";
import type { Geometry } from "../engine/steps";
import type { Shape, Window } from "../graph/types";

function extent(size: number, kernel: number, stride: number, dilation: number, before: number, after: number, ceil: boolean): number {
  const free = size + before + after - (kernel - 1) * dilation - 1;
  let count = (ceil ? Math.ceil(free / stride) : Math.floor(free / stride)) + 1;
  // A window may not start in the padding after the image.
  if (ceil && (count - 1) * stride >= size + before) count--;
  return count;
}

export function windowGeometry(window: Window, input: Shape, channels: number, groups: number, ceil: boolean, node: string): Geometry {
  if (input.length !== 3)
    throw new BadInput(`Node "${node}" slides a window over a value of shape [${input.join(", ")}]; it needs [height, width, channels].`);
  const [h, w, c] = input as [number, number, number];
  const { kernel, strides, dilations, pads } = window;
  const oh = extent(h, kernel[0], strides[0], dilations[0], pads[0], pads[1], ceil);
  const ow = extent(w, kernel[1], strides[1], dilations[1], pads[2], pads[3], ceil);
  if (oh < 1 || ow < 1)
    throw new BadInput(`Node "${node}" has a window of ${kernel.join("x")} that does not fit its ${h}x${w} input; check the input size.`);
  return {
    n: 1,
    h,
    w,
    c,
    oh,
    ow,
    k: channels,
    kh: kernel[0],
    kw: kernel[1],
    sh: strides[0],
    sw: strides[1],
    dh: dilations[0],
    dw: dilations[1],
    pt: pads[0],
    pl: pads[2],
    groups,
  };
}
