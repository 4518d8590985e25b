/** What a graph model moves without computing: other shapes, other orders, blocks of channels and pixels. */
import { sizeOf } from "../../../graph/types";
import { add, reshape, transpose } from "../build";
import { type Activation, activation, asDims, type Conversion, type Converter, made, type Value, wholes } from "./values";

/** The value under other extents of the file, batched where they begin with the batch. */
export function reshaped(at: Conversion, x: Activation, dims: readonly number[], suffix = ""): Activation {
  const { batched, shape } = asDims(dims);
  return { kind: "activation", id: reshape(at, x.id, shape, suffix), dims, batched };
}

const reshapeNode: Converter = (at) => {
  const x = activation(at, 0);
  const target = wholes(at, 1, "shape");
  const known = target.filter((extent) => extent !== -1).reduce((product, extent) => product * extent, 1);
  const dims = target.map((extent) => (extent === -1 ? sizeOf(x.dims) / known : extent));
  if (dims.some((extent) => !Number.isSafeInteger(extent) || extent < 1) || sizeOf(dims) !== sizeOf(x.dims))
    throw at.fail(`reshapes [${x.dims.join(", ")}] to [${target.join(", ")}], which does not hold as many numbers`);
  return reshaped(at, x, dims);
};

const transposeNode: Converter = (at) => {
  const x = activation(at, 0);
  const perm = wholes(at, 1, "permutation");
  if (perm.length !== x.dims.length || [...perm].sort((p, q) => p - q).some((axis, i) => axis !== i))
    throw at.fail(`permutes [${x.dims.join(", ")}] by [${perm.join(", ")}]`);
  if (!x.batched) return made(at, transpose(at, x.id, perm), false);
  if (perm[0] !== 0) {
    const moved = perm.filter((axis) => axis !== 0).map((axis) => axis - 1);
    return reshaped(
      at,
      made(at, transpose(at, x.id, moved)),
      perm.map((axis) => x.dims[axis] as number),
      "batch",
    );
  }
  return made(
    at,
    transpose(
      at,
      x.id,
      perm.slice(1).map((axis) => axis - 1),
    ),
  );
};

const squeeze: Converter = (at) => {
  const x = activation(at, 0);
  const given = at.node.attributes.ints("squeeze_dims") ?? at.node.attributes.ints("axis") ?? [];
  const axes = given.map((axis) => (axis < 0 ? axis + x.dims.length : axis));
  return reshaped(
    at,
    x,
    x.dims.filter((extent, axis) => (axes.length > 0 ? !axes.includes(axis) : extent !== 1)),
  );
};

const expandDims: Converter = (at) => {
  const x = activation(at, 0);
  const [axis = 0] = wholes(at, 1, "axis");
  const dims = [...x.dims];
  dims.splice(axis < 0 ? axis + x.dims.length + 1 : axis, 0, 1);
  return reshaped(at, x, dims);
};

/** Blocks of channels become blocks of pixels, or the other way. */
function depthToSpace(toSpace: boolean): Converter {
  return (at) => {
    const x = activation(at, 0);
    const b = at.node.attributes.int("block_size", 2);
    const [, h = 0, w = 0, c = 0] = x.dims;
    const whole = toSpace ? c % (b * b) === 0 : h % b === 0 && w % b === 0;
    if (!x.batched || x.dims.length !== 4 || b < 1 || !whole) throw at.fail(`rearranges [${x.dims.join(", ")}] in blocks of ${b}`);
    const [from, perm, to] = toSpace
      ? [
          [h, w, b, b, c / (b * b)],
          [0, 2, 1, 3, 4],
          [h * b, w * b, c / (b * b)],
        ]
      : [
          [h / b, b, w / b, b, c],
          [0, 2, 1, 3, 4],
          [h / b, w / b, b * b * c],
        ];
    const blocks = reshape(at, x.id, from, "blocks");
    return made(at, reshape(at, add(at, { op: "transpose", perm }, [blocks], "transpose"), to));
  };
}

/** What changes nothing for a single image and in single precision. */
const same: Converter = (at) => at.inputs[0] as Value;

export const SHAPES: Readonly<Record<string, Converter>> = {
  Identity: same,
  StopGradient: same,
  PreventGradient: same,
  CheckNumerics: same,
  Snapshot: same,
  IdentityN: (at) => at.inputs,
  Cast: (at) => {
    const input = at.inputs[0] as Value;
    const type = at.node.json.attr as { DstT?: { type?: unknown } } | undefined;
    if (input.kind === "activation" && type?.DstT?.type !== "DT_FLOAT" && type?.DstT?.type !== 1)
      throw at.fail("turns its values into whole numbers");
    return input;
  },
  Reshape: reshapeNode,
  Transpose: transposeNode,
  Squeeze: squeeze,
  ExpandDims: expandDims,
  DepthToSpace: depthToSpace(true),
  SpaceToDepth: depthToSpace(false),
};
