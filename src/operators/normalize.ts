/**
 * Normalization that depends on the image: layer normalization (Ba et al., 2016), group normalization (Wu and He, ECCV
 * 2018; with as many groups as channels it is instance normalization) and local response normalization. All are
 * composed from sums of products and powers, whose derivatives the engine knows.
 */
import { BadInput } from "../base/errors";
import type { ContractAxis } from "../engine/steps";
import { type Shape, sizeOf, type Tensor } from "../graph/types";
import type { LoweringContext, Operator } from "./operator";

/** The numbers that are normalized together, as indices of the value. */
interface Grouping {
  /** Indices of the groups, batch first, with their step in the value. */
  readonly groups: readonly { readonly extent: number; readonly step: number }[];
  /** Indices of the members of a group. */
  readonly members: readonly { readonly extent: number; readonly step: number }[];
}

/** Writes the value with mean 0 and variance 1 in every group to a buffer; `out` by default one of its own. */
function standardized(context: LoweringContext, { groups, members }: Grouping, epsilon: number, out?: string): string {
  const { builder, node } = context;
  const x = node.inputs[0] as string;
  const size = context.batch * sizeOf(context.shape(x));
  const count = members.reduce((product, { extent }) => product * extent, 1);
  const groupCount = size / count;
  const temp = (name: string, words: number) => builder.temp(`${node.output}.${name}`, words);
  /** Of a group's own number, `step` of groups apart. */
  let after = groupCount;
  const own = groups.map(({ extent }) => {
    after /= extent;
    return after;
  });
  const toGroups = (b: boolean): ContractAxis[] => [
    ...groups.map(({ extent, step }, i) => ({ extent, a: step, b: b ? step : 0, out: own[i] as number })),
    ...members.map(({ extent, step }) => ({ extent, a: step, b: b ? step : 0, out: 0 })),
  ];
  const overAll = [
    ...groups.map(({ extent, step }, i) => ({ extent, a: step, b: own[i] as number, out: step })),
    ...members.map(({ extent, step }) => ({ extent, a: step, b: 0, out: step })),
  ];
  const source = context.buffer(x);
  const [negativeMean, spread, centred, variance, factor, result] = [
    temp("negativeMean", groupCount),
    temp("spread", size),
    temp("centred", size),
    temp("variance", groupCount),
    temp("factor", groupCount),
    out ?? temp("standardized", size),
  ];
  const contract = { op: "contract", b: null, factor: 1, accumulate: false } as const;
  builder.step({ ...contract, a: source, out: negativeMean, axes: toGroups(false), factor: -1 / count });
  builder.step({ ...contract, a: negativeMean, out: spread, axes: overAll.map((axis) => ({ ...axis, a: axis.b, b: 0 })) });
  builder.step({ op: "add", a: source, b: spread, out: centred, size, clamp: null });
  builder.step({ ...contract, a: centred, b: centred, out: variance, axes: toGroups(true), factor: 1 / count });
  builder.step({ op: "unary", fn: "power", alpha: -0.5, beta: epsilon, x: variance, out: factor, size: groupCount });
  builder.step({ ...contract, a: centred, b: factor, out: result, axes: overAll });
  return result;
}

/** out = x * scale + shift, of which one may be missing and both repeat over a value `repeats` times. */
function scaledAndShifted(context: LoweringContext, x: string, scale: Tensor | null, shift: Tensor | null, repeats: number): void {
  const { builder, node, out } = context;
  const words = (scale ?? shift)?.data.length as number;
  const axes = (a: number, b: number) => [
    { extent: repeats, a, b: 0, out: words },
    { extent: words, a: 1, b, out: 1 },
  ];
  const size = repeats * words;
  const contract = { op: "contract", factor: 1, accumulate: false } as const;
  let current = x;
  if (scale) {
    const scaled = shift ? builder.temp(`${node.output}.scaled`, size) : out;
    builder.step({ ...contract, a: current, b: context.parameter("scale", scale.data), out: scaled, axes: axes(words, 1) });
    current = scaled;
  }
  if (shift) {
    const spread = builder.temp(`${node.output}.shift`, size);
    builder.step({ ...contract, a: context.parameter("shift", shift.data), b: null, out: spread, axes: axes(0, 0) });
    builder.step({ op: "add", a: current, b: spread, out, size, clamp: null });
  }
}

export const layerNorm: Operator<"layerNorm"> = {
  name: "layerNorm",
  shape({ axes, scale }, [input], node) {
    const shape = input as Shape;
    const words = sizeOf(shape.slice(shape.length - axes));
    if (axes < 1 || axes > shape.length || (scale && scale.data.length !== words))
      throw new BadInput(`Node "${node}" normalizes the last ${axes} axes of a value of shape [${shape.join(", ")}], which does not fit its scale.`);
    return shape;
  },
  lower({ axes, epsilon, scale, shift }, context) {
    const shape = context.shape(context.node.inputs[0] as string);
    const count = sizeOf(shape.slice(shape.length - axes));
    const rows = (context.batch * sizeOf(shape)) / count;
    const grouping = { groups: [{ extent: rows, step: count }], members: [{ extent: count, step: 1 }] };
    if (scale || shift) scaledAndShifted(context, standardized(context, grouping, epsilon), scale, shift, rows);
    else standardized(context, grouping, epsilon, context.out);
  },
};

export const groupNorm: Operator<"groupNorm"> = {
  name: "groupNorm",
  shape({ groups, scale }, [input], node) {
    const shape = input as Shape;
    const channels = shape.at(-1) as number;
    if (channels % groups !== 0 || scale.data.length !== channels)
      throw new BadInput(`Node "${node}" normalizes ${channels} channels in ${groups} groups with ${scale.data.length} scales.`);
    return shape;
  },
  lower({ groups, epsilon, scale, shift }, context) {
    const shape = context.shape(context.node.inputs[0] as string);
    const c = shape.at(-1) as number;
    const positions = sizeOf(shape) / c;
    const each = c / groups;
    const grouping = {
      groups: [
        { extent: context.batch, step: positions * c },
        { extent: groups, step: each },
      ],
      members: [
        { extent: positions, step: c },
        { extent: each, step: 1 },
      ],
    };
    scaledAndShifted(context, standardized(context, grouping, epsilon), scale, shift, context.batch * positions);
  },
};

/** Krizhevsky et al., ImageNet classification with deep convolutional neural networks, section 3.3, as ONNX writes it. */
export const localResponseNorm: Operator<"localResponseNorm"> = {
  name: "localResponseNorm",
  shape: (_operation, [input]) => input as Shape,
  lower({ size, alpha, beta, bias }, context) {
    const { builder, node } = context;
    const x = context.buffer(node.inputs[0] as string);
    const shape = context.shape(node.inputs[0] as string);
    const c = shape.at(-1) as number;
    const words = context.batch * sizeOf(shape);
    const flat = [{ extent: words, a: 1, b: 1, out: 1 }];
    const [squares, means, scaled, factor] = ["squares", "means", "scaled", "factor"].map((name) =>
      builder.temp(`${node.output}.${name}`, words),
    ) as [string, string, string, string];
    const contract = { op: "contract", axes: flat, factor: 1, accumulate: false } as const;
    builder.step({ ...contract, a: x, b: x, out: squares });
    // A window over the channels: each position is an image of one row with the channels side by side.
    const geometry = { n: words / c, h: 1, w: c, c: 1, oh: 1, ow: c, k: 1, kh: 1, kw: size, sh: 1, sw: 1, dh: 1, dw: 1, pt: 0, groups: 1 };
    builder.step({ op: "averagePool", x: squares, out: means, geometry: { ...geometry, pl: Math.floor((size - 1) / 2) }, includePad: true });
    builder.step({ ...contract, a: means, b: null, out: scaled, factor: alpha });
    builder.step({ op: "unary", fn: "power", alpha: -beta, beta: bias, x: scaled, out: factor, size: words });
    builder.step({ ...contract, a: x, b: factor, out: context.out });
  },
};
