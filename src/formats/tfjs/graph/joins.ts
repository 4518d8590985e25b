/** What a graph model joins, repeats and pads. */
import type { ValueId } from "../../../graph/types";
import { add, scalar, scaleAndShift } from "../build";
import { reshaped } from "./shapes";
import {
  type Activation,
  activation,
  asDims,
  type Conversion,
  type Converter,
  constant,
  made,
  operandFor,
  ownAxis,
  type Value,
  wholes,
} from "./values";

/** Inputs that are joined: constants stand where all images share a part. */
function parts(at: Conversion, count: number): Activation[] {
  const computed = at.inputs.slice(0, count).find((input): input is Activation => input.kind === "activation");
  if (!computed) throw at.fail("joins constants alone");
  return at.inputs.slice(0, count).map((input, i) => {
    if (input.kind === "activation") return input;
    // A constant part is zero times a value of its shape, plus the constant.
    const { shape, data } = operandFor(at, computed, input);
    const [first] = at.graph.shape(computed.id);
    if (first === undefined) throw at.fail("joins a constant to a single number");
    const start = at.graph.shape(computed.id).map(() => 0);
    const corner = add(at, { op: "slice", start, size: start.map(() => 1), step: start.map(() => 1) }, [computed.id], `part${i}`);
    const nothing = scaleAndShift(at, corner, scalar(0), null, `part${i}`);
    const spread = add(at, { op: "broadcast", shape }, [nothing], `part${i}`);
    return made(at, add(at, { op: "add", operand: { shape, data } }, [spread], `part${i}`), computed.batched);
  });
}

const concat: Converter = (at) => {
  const last = at.inputs.length - 1;
  const [axis = 0] = wholes(at, last, "axis");
  const joined = parts(at, last);
  const first = joined[0] as Activation;
  const own = ownAxis(at, first, axis);
  return made(
    at,
    add(
      at,
      { op: "concat", axis: own },
      joined.map(({ id }) => id),
    ),
    first.batched,
  );
};

const pack: Converter = (at) => {
  const given = parts(at, at.inputs.length);
  const rank = (given[0] as Activation).dims.length + 1;
  const named = at.node.attributes.int("axis", 0);
  const axis = named < 0 ? named + rank : named;
  const wide = given.map((part, i) => {
    const dims = [...part.dims];
    dims.splice(axis, 0, 1);
    return reshaped(at, part, dims, `part${i}`);
  });
  const first = wide[0] as Activation;
  // A batch that is only one of the values packed is no batch of the result.
  if (axis === 0) throw at.fail("packs values along a new first axis, the batch's");
  return made(
    at,
    add(
      at,
      { op: "concat", axis: ownAxis(at, first, axis) },
      wide.map(({ id }) => id),
    ),
    first.batched,
  );
};

/** Repetition of axes of extent 1; of others by copies one after the other. */
const tile: Converter = (at) => {
  const x = activation(at, 0);
  const counts = wholes(at, 1, "multiples");
  let id = x.id;
  counts.forEach((count, axis) => {
    if (count === 1) return;
    if (count < 1 || count > 1024) throw at.fail(`repeats an axis ${count} times`);
    id = add(at, { op: "concat", axis: ownAxis(at, x, axis) }, Array<ValueId>(count).fill(id), `axis${axis}`);
  });
  return made(at, id, x.batched);
};

const broadcastTo: Converter = (at) => {
  const x = activation(at, 0);
  const { batched, shape } = asDims(wholes(at, 1, "shape"));
  if (batched !== x.batched) throw at.fail("repeats along the batch, which is not supported");
  return made(at, add(at, { op: "broadcast", shape }, [x.id]), batched);
};

function padding(mode: "constant" | "mirror"): Converter {
  return (at) => {
    const x = activation(at, 0);
    const pads = wholes(at, 1, "paddings");
    if (pads.length !== 2 * x.dims.length) throw at.fail(`pads ${pads.length / 2} axes of a value of shape [${x.dims.join(", ")}]`);
    if (x.batched && (pads[0] || pads[1])) throw at.fail("pads the batch, which is not supported");
    const own = x.batched ? pads.slice(2) : pads;
    const before = own.filter((_, i) => i % 2 === 0);
    const after = own.filter((_, i) => i % 2 === 1);
    if (mode === "mirror" && at.node.attributes.string("mode", "REFLECT").toUpperCase() !== "REFLECT")
      throw at.fail("mirrors the border itself (SYMMETRIC); only REFLECT is supported");
    const value = at.inputs[2] ? (constant(at, 2, "value").data[0] as number) : 0;
    const operation = { op: "pad", before, after, value } as const;
    return made(at, add(at, mode === "mirror" ? { ...operation, mode: "reflect" } : operation, [x.id]), x.batched);
  };
}

export const JOINS: Readonly<Record<string, Converter>> = {
  Concat: (at) => concat({ ...at, inputs: [...at.inputs.slice(1), at.inputs[0] as Value] }),
  ConcatV2: concat,
  Pack: pack,
  Tile: tile,
  BroadcastTo: broadcastTo,
  Pad: padding("constant"),
  PadV2: padding("constant"),
  MirrorPad: padding("mirror"),
};
