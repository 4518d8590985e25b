/**
 * Interpolation of height and width. TensorFlow's operators know three ways to place the pixels; where none of them weighs the pixels as
 * the network does, rows and then columns are gathered and weighed.
 */
import type { Interpolation } from "../../graph/types";
import { interpolationTaps, type Taps } from "../../operators/interpolation";
import { whole } from "./topology";
import type { Site, Writer } from "./writer";

interface Native {
  readonly op: "ResizeBilinear" | "ResizeNearestNeighbor";
  readonly alignCorners: boolean;
  readonly halfPixels: boolean;
  readonly same: Pick<Interpolation, "mode" | "coordinates" | "rounding">;
}

const NATIVE: readonly Native[] = [
  {
    ...{ op: "ResizeBilinear", alignCorners: false, halfPixels: true },
    same: { mode: "linear", coordinates: "half_pixel", rounding: "floor" },
  },
  {
    ...{ op: "ResizeBilinear", alignCorners: true, halfPixels: false },
    same: { mode: "linear", coordinates: "align_corners", rounding: "floor" },
  },
  {
    ...{ op: "ResizeBilinear", alignCorners: false, halfPixels: false },
    same: { mode: "linear", coordinates: "asymmetric", rounding: "floor" },
  },
  {
    ...{ op: "ResizeNearestNeighbor", alignCorners: false, halfPixels: false },
    same: { mode: "nearest", coordinates: "asymmetric", rounding: "floor" },
  },
  {
    ...{ op: "ResizeNearestNeighbor", alignCorners: false, halfPixels: true },
    same: { mode: "nearest", coordinates: "tf_half_pixel_for_nn", rounding: "floor" },
  },
  {
    ...{ op: "ResizeNearestNeighbor", alignCorners: true, halfPixels: false },
    same: { mode: "nearest", coordinates: "align_corners", rounding: "round_prefer_ceil" },
  },
];

export const resize: Writer<"resize"> = (operation, at) => {
  const [h, w] = at.shape() as [number, number, number];
  const taps = [interpolationTaps(operation, 0, h), interpolationTaps(operation, 1, w)] as const;
  const scales = [operation.size[0] / h, operation.size[1] / w] as const;
  const native = NATIVE.find(({ same, alignCorners }) => {
    // With one row or column the corners are none.
    if (alignCorners && operation.size.some((extent) => extent === 1)) return false;
    const own = { ...operation, ...same, scales, excludeOutside: false };
    return taps.every((one, axis) => weighAlike(one, interpolationTaps(own, axis as 0 | 1, one.from)));
  });
  if (native && (operation.mode !== "nearest" || taps.every(survivesSingles))) {
    const attributes = { align_corners: { b: native.alignCorners }, half_pixel_centers: { b: native.halfPixels } };
    return at.own(native.op, [at.read(), at.integers("size", operation.size)], attributes);
  }
  return weighed(at, weighed(at, at.read(), 0, taps[0], "step"), 1, taps[1], "own");
};

/** Whether two interpolations of an axis give each pixel the same weight. */
function weighAlike(a: Taps, b: Taps): boolean {
  return Array.from({ length: a.to }, (_, i) => i).every((i) => {
    const weights = new Map<number, number>();
    for (const [{ taps, indices, weights: own }, sign] of [
      [a, 1],
      [b, -1],
    ] as const)
      for (let t = 0; t < taps; t++) {
        const index = indices[i * taps + t] as number;
        weights.set(index, (weights.get(index) ?? 0) + sign * (own[i * taps + t] as number));
      }
    return [...weights.values()].every((rest) => Math.abs(rest) < 1e-6);
  });
}

/** Whether the pixel that is nearest is so in single precision too: by a whole factor, or none. */
function survivesSingles({ from, to }: Taps): boolean {
  return to === from || Array.from({ length: to }, (_, i) => i).every((i) => !isNearWhole((i * from) / to) || survives(i, from, to));
}

const isNearWhole = (place: number) => Math.abs(place - Math.round(place)) < 1e-6;
const survives = (i: number, from: number, to: number) => Math.floor(Math.fround(i * Math.fround(from / to))) === Math.floor((i * from) / to + 1e-9);

/** The weighted sum of entries of one axis. */
function weighed(at: Site, x: string, axis: 0 | 1, { from, to, taps, indices, weights }: Taps, how: "own" | "step"): string {
  const column = (t: number) => Array.from({ length: to }, (_, i) => i * taps + t);
  const parts = Array.from({ length: taps }, (_, t) => {
    const places = column(t).map((i) => indices[i] as number);
    const factors = Float32Array.from(column(t), (i) => weights[i] as number);
    const plain = factors.every((factor) => factor === 1);
    const only = taps === 1 && plain;
    if (only && to === from && places.every((place, i) => place === i)) return how === "own" ? at.own("Identity", [x]) : x;
    const entries = at.gather(x, axis, places, only ? how : "step");
    if (plain) return entries;
    const shape = axis === 0 ? [to, 1, 1] : [to, 1];
    return at[taps === 1 ? how : "step"]("Mul", [entries, at.floats("weights", shape, factors)]);
  });
  return parts.length === 1 ? (parts[0] as string) : at[how]("AddN", parts, { N: whole(parts.length) });
}
