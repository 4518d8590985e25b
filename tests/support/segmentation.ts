/** A network that tells red, green and blue at every second pixel, and pictures of such blocks with their label pictures. */
import { encode } from "fast-png";
import { floatTensor, modelBytes, nodeProto, valueProto } from "../../src/export/onnx/proto";

/** Two convolutions: one that keeps the channels, one that takes every second pixel of them. Output [N, 3, 8, 8] of [N, 3, 16, 16]. */
export function denseNetwork(): Uint8Array {
  const identity = Float32Array.from({ length: 9 }, (_, i) => (i % 4 === 0 ? 1 : 0));
  return modelBytes({
    ...{ name: "dense", opset: 13, metadata: {} },
    nodes: [
      nodeProto("first", "Conv", ["image", "w1"], "a", { kernel_shape: [1, 1] }),
      nodeProto("second", "Conv", ["a", "w2"], "scores", { kernel_shape: [1, 1], strides: [2, 2] }),
    ],
    initializers: [floatTensor("w1", [3, 3, 1, 1], identity), floatTensor("w2", [3, 3, 1, 1], identity)],
    inputs: [valueProto("image", [3, 16, 16])],
    outputs: [valueProto("scores", [3, 8, 8])],
  });
}

/** The class of a pixel: blocks of 8x8, another arrangement in each picture. */
const classAt = (picture: number, x: number, y: number) => (picture + (x >> 3) + 2 * (y >> 3)) % 3;

export function blocks(picture: number): Uint8Array {
  const data = new Uint8Array(16 * 16 * 3);
  for (let i = 0; i < 256; i++) data[i * 3 + classAt(picture, i % 16, i >> 4)] = 200;
  return encode({ width: 16, height: 16, channels: 3, data });
}

/** The classes of that picture as a grey PNG; `wrong` rows are said to be of the next class, and `unknown` rows of none. */
export function blockLabels(picture: number, { wrong = 0, unknown = 0 }: { readonly wrong?: number; readonly unknown?: number } = {}): Uint8Array {
  const data = Uint8Array.from({ length: 256 }, (_, i) => {
    const [x, y] = [i % 16, i >> 4];
    if (y >= 16 - unknown) return 255;
    return (classAt(picture, x, y) + (y < wrong ? 1 : 0)) % 3;
  });
  return encode({ width: 16, height: 16, channels: 1, data });
}
