/** Shapes that broadcast as NumPy's do, and the sums of products over them that the engine computes. */
import { BadInput } from "../base/errors";
import type { ContractAxis } from "../engine/steps";
import { type Shape, sizeOf } from "../graph/types";
import { stridesOf } from "./boxes";

/** The common shape of two, axes aligned at the end; throws BadInput, naming the node, where extents differ and neither is 1. */
export function broadcastShape(a: Shape, b: Shape, node: string): Shape {
  const rank = Math.max(a.length, b.length);
  const [wide, other] = [widen(a, rank), widen(b, rank)];
  return wide.map((extent, axis) => {
    const second = other[axis] as number;
    if (extent !== second && extent !== 1 && second !== 1)
      throw new BadInput(`Node "${node}" combines values of shapes [${a.join(", ")}] and [${b.join(", ")}], which do not broadcast.`);
    return Math.max(extent, second);
  });
}

function widen(shape: Shape, rank: number): Shape {
  return [...Array<number>(rank - shape.length).fill(1), ...shape];
}

/** Words between neighbours of a value along each axis of the shape that it broadcasts to. */
export function broadcastStrides(shape: Shape, to: Shape): number[] {
  const wide = widen(shape, to.length);
  return stridesOf(wide).map((stride, axis) => (wide[axis] === 1 ? 0 : stride));
}

/** The axes of an element-by-element product of two values over a batch; a constant has no batch. */
export function productAxes(batch: number, out: Shape, a: Shape, b: Shape | null, constant = false): ContractAxis[] {
  const [sa, sb, so] = [broadcastStrides(a, out), b ? broadcastStrides(b, out) : null, stridesOf(out)];
  const images = { extent: batch, a: sizeOf(a), b: b && !constant ? sizeOf(b) : 0, out: sizeOf(out) };
  return [images, ...out.map((extent, axis) => ({ extent, a: sa[axis] as number, b: sb?.[axis] ?? 0, out: so[axis] as number }))];
}
