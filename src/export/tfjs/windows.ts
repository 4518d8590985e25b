/**
 * Pooling. TF.js pools without dilation, and pads as little as it can or not at all: other padding is a node before the window, and a
 * dilated window is the maximum or sum of its entries, each a strided slice.
 */
import type { Shape, Window } from "../../graph/types";
import { whole, wholes } from "./topology";
import { type Site, type Writer, windowAttributes } from "./writer";

/** No number of a network is below it; infinities are none on every device. */
const LOWEST = -3.4e38;

interface Needs {
  readonly padding: "SAME" | "VALID" | null;
  /** Rows and columns before and after that the windows reach into. */
  readonly before: Shape;
  readonly after: Shape;
}

/** What windows need around an image; `padding` is null where TensorFlow has no word for it. */
function needs({ kernel, strides, dilations, pads }: Window, at: Site): Needs {
  const sides = ([0, 1] as const).map((axis) => {
    const [size, count, stride] = [at.shape()[axis] as number, at.output[axis] as number, strides[axis]];
    const reach = (count - 1) * stride + (kernel[axis] - 1) * dilations[axis] + 1;
    const before = pads[2 * axis] as number;
    const after = Math.max(0, reach - size - before);
    const total = Math.max(0, reach - size);
    const same = count === Math.ceil(size / stride) && before === Math.floor(total / 2) && after === Math.ceil(total / 2);
    return { before, after, same };
  });
  const none = sides.every(({ before, after }) => before === 0 && after === 0);
  const same = sides.every((side) => side.same);
  return {
    padding: none ? "VALID" : same ? "SAME" : null,
    before: [...sides.map(({ before }) => before), 0],
    after: [...sides.map(({ after }) => after), 0],
  };
}

function attributes({ kernel, strides }: Window, padding: "SAME" | "VALID") {
  return { ksize: wholes([1, ...kernel, 1]), ...windowAttributes(strides, padding) };
}

const isDilated = ({ dilations }: Window) => dilations.some((n) => n !== 1);

function padded(at: Site, { before, after }: Needs, value: number): string {
  return [...before, ...after].some((n) => n !== 0) ? at.pad(at.read(), before, after, value) : at.read();
}

/** The entries of all windows, by their place in the window. */
function entries(x: string, { kernel, strides, dilations }: Window, at: Site): string[] {
  const slice = (row: number, column: number) =>
    at.slice(x, { start: [row * dilations[0], column * dilations[1], 0], size: at.output, step: [...strides, 1] });
  return Array.from({ length: kernel[0] * kernel[1] }, (_, i) => slice(Math.floor(i / kernel[1]), i % kernel[1]));
}

export const maxPool: Writer<"maxPool"> = (window, at) => {
  const around = needs(window, at);
  if (isDilated(window)) {
    const [first, ...rest] = entries(padded(at, around, LOWEST), window, at) as [string, ...string[]];
    return rest.reduce((largest, one, i) => (i === rest.length - 1 ? at.own("Maximum", [largest, one]) : at.step("Maximum", [largest, one])), first);
  }
  if (around.padding) return at.own("MaxPool", [at.read()], attributes(window, around.padding));
  return at.own("MaxPool", [padded(at, around, LOWEST)], attributes(window, "VALID"));
};

export const averagePool: Writer<"averagePool"> = (window, at) => {
  const around = needs(window, at);
  const size = window.kernel[0] * window.kernel[1];
  const counts = entryCounts(window, at);
  const whole1 = window.includePad || counts.every((count) => count === size);
  if (isDilated(window)) {
    const parts = entries(padded(at, around, 0), window, at);
    const sum = at.own("AddN", parts, { N: whole(parts.length) });
    return at.step("Mul", [
      sum,
      at.floats(
        "share",
        [...at.output.slice(0, 2), 1],
        counts.map((count) => 1 / (window.includePad ? size : count)),
      ),
    ]);
  }
  // Where TF.js pads by itself, it divides by the entries within the image.
  if (around.padding === "VALID" || (around.padding === "SAME" && !window.includePad))
    return at.own("AvgPool", [at.read()], attributes(window, around.padding));
  const mean = at.own("AvgPool", [padded(at, around, 0)], attributes(window, "VALID"));
  if (whole1) return mean;
  return at.step("Mul", [
    mean,
    at.floats(
      "share",
      [...at.output.slice(0, 2), 1],
      counts.map((count) => size / count),
    ),
  ]);
};

/** How many entries of each window lie within the image, [output height, output width]. */
function entryCounts({ kernel, strides, dilations, pads }: Window, at: Site): Float32Array {
  const along = (axis: 0 | 1) =>
    Array.from({ length: at.output[axis] as number }, (_, i) => {
      const first = i * strides[axis] - (pads[2 * axis] as number);
      const places = Array.from({ length: kernel[axis] }, (_entry, k) => first + k * dilations[axis]);
      return places.filter((place) => place >= 0 && place < (at.shape()[axis] as number)).length;
    });
  const [rows, columns] = [along(0), along(1)];
  return Float32Array.from(rows.flatMap((row) => columns.map((column) => Math.max(1, row * column))));
}

export const globalAveragePool: Writer<"globalAveragePool"> = ({ keepDims }, at) => at.reduce("Mean", at.read(), [0, 1], keepDims, "own");
