/**
 * Quantizers as TF.js can run them: x divided by a scale, rounded, held between two levels, times the scale again. TensorFlow's own
 * operators for it (FakeQuant) are identities in TF.js, so files that mean it spell it out; the four nodes are read as one.
 */

import { add } from "../build";
import type { GraphNode, Source } from "./nodes";
import { activation, type Conversion, constant, made, type Value } from "./values";

/** What the quantizer that ends in a Mul reads: value, scale, bounds, and the scale again; null where the node ends none. */
export function quantizerInputs(node: GraphNode, nodes: ReadonlyMap<string, GraphNode>): readonly Source[] | null {
  if (node.op !== "Mul") return null;
  const before = (of: GraphNode | undefined, op: string) => {
    const found = nodes.get(of?.inputs[0]?.node ?? "");
    return found?.op === op ? found : undefined;
  };
  const clip = before(node, "ClipByValue");
  const division = before(before(clip, "Round"), "RealDiv");
  if (!clip || !division) return null;
  const read = [division.inputs[0], division.inputs[1], clip.inputs[1], clip.inputs[2], node.inputs[1]];
  return read.every((source) => source !== undefined) ? (read as Source[]) : null;
}

export function quantized(at: Conversion): Value {
  const x = activation(at, 0);
  const one = (index: number, what: string) => {
    const { data } = constant(at, index, what);
    if (data.length !== 1) throw at.fail(`ends a quantizer of ${data.length} ${what}s; only one for the whole value is supported`);
    return data[0] as number;
  };
  const [scale, low, high, again] = [one(1, "scale"), one(2, "lower bound"), one(3, "upper bound"), one(4, "scale")];
  if (scale !== again) throw at.fail(`ends a quantizer that divides by ${scale} but multiplies by ${again}`);
  if (!Number.isInteger(low) || !Number.isInteger(high) || high <= low)
    throw at.fail(`ends a quantizer between ${low} and ${high}; expected whole numbers, the second one larger`);
  return made(at, add(at, { op: "fakeQuantize", scale, zero: low === 0 ? 0 : -low, levels: high - low + 1 }, [x.id]), x.batched);
}
