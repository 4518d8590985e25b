/** Ways to damage an ONNX file, each by chance from a seed: what accidents do to bytes, and what malice does to a graph. */
import { create, toBinary } from "@bufbuild/protobuf";
import {
  AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataType as DataType,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  StringStringEntryProtoSchema,
  type TensorProto,
  TensorProto_DataLocation,
  TensorProtoSchema,
} from "onnx-buf";
import type { Random } from "../../../src/base/random";
import { CONVERTERS } from "../../../src/formats/onnx/converters";
import { FOLDS } from "../../../src/formats/onnx/folding";

const OPERATORS = [...Object.keys(CONVERTERS), ...Object.keys(FOLDS)];
const WRONG = [0n, -1n, -7n, 3n, 1_000_003n, 2n ** 31n, 2n ** 40n, 2n ** 62n, -(2n ** 62n)];

const chosen = <T>(list: readonly T[], random: Random): T => list[random.below(list.length)] as T;
const graphOf = ({ graph }: ModelProto) => graph as NonNullable<ModelProto["graph"]>;
const nodeOf = (model: ModelProto, random: Random) =>
  chosen(
    graphOf(model).node.filter(({ input }) => input.length > 0),
    random,
  );
const initializer = (model: ModelProto, random: Random) => chosen(graphOf(model).initializer, random);
const integers = (name: string, values: readonly bigint[], dims = [BigInt(values.length)]): TensorProto =>
  create(TensorProtoSchema, { name, dims, dataType: DataType.INT64, rawData: new Uint8Array(BigInt64Array.from(values).buffer) });
const allValues = (model: ModelProto) => [
  ...graphOf(model).node.flatMap(({ output }) => output),
  ...graphOf(model).initializer.map(({ name }) => name),
];

/** The names of the tensors that say shapes, axes, sizes. */
function integerTensors(model: ModelProto): TensorProto[] {
  const held = graphOf(model).node.flatMap(({ attribute }) => attribute.flatMap(({ t }) => t ?? []));
  return [...graphOf(model).initializer, ...held].filter(({ dataType }) => dataType === DataType.INT64);
}

/** A node that makes much of little, whose output goes into a node of the file. */
function asking(op: string, inputs: readonly TensorProto[], model: ModelProto, random: Random, activation = false): void {
  const graph = graphOf(model);
  const reader = nodeOf(model, random);
  const at = graph.node.indexOf(reader);
  const own = inputs.map((tensor, i) => ({ ...tensor, name: `asked${i}` }));
  graph.initializer.push(...own);
  const input = [...(activation ? [reader.input[0] as string] : []), ...own.map(({ name }) => name)];
  graph.node.splice(at, 0, create(NodeProtoSchema, { opType: op, name: `asks/${op}`, input, output: ["asked"] }));
  reader.input[activation ? 0 : random.below(reader.input.length)] = "asked";
}

type Damage = (model: ModelProto, random: Random) => void;

/** By what is damaged. */
export const GRAPH_DAMAGES: Readonly<Record<string, Damage>> = {
  "an extent of a weight"(model, random) {
    const { dims } = initializer(model, random);
    dims[random.below(Math.max(1, dims.length))] = chosen(WRONG, random);
  },
  "all extents of a weight"(model, random) {
    const tensor = initializer(model, random);
    tensor.dims = tensor.dims.map(() => chosen(WRONG, random));
  },
  "an empty weight of any size"(model, random) {
    const tensor = initializer(model, random);
    Object.assign(tensor, { rawData: new Uint8Array(0), floatData: [], dims: [2n ** 31n, 2n ** 31n, 0n].slice(random.below(3)) });
  },
  "the shape of the input"(model, random) {
    const given = new Set(graphOf(model).initializer.map(({ name }) => name));
    const type = graphOf(model).input.find(({ name }) => !given.has(name))?.type?.value;
    const dim = type?.case === "tensorType" ? type.value.shape?.dim : undefined;
    if (dim) chosen(dim, random).value = { case: "dimValue", value: chosen(WRONG, random) };
  },
  "an attribute"(model, random) {
    const all = graphOf(model).node.flatMap(({ attribute }) => attribute);
    const attribute = chosen(all, random);
    if (attribute.ints.length > 0) attribute.ints[random.below(attribute.ints.length + 1)] = chosen(WRONG, random);
    else if (attribute.type === AttributeType.INT) attribute.i = chosen(WRONG, random);
    else if (attribute.type === AttributeType.FLOAT) attribute.f = chosen([Number.NaN, Number.POSITIVE_INFINITY, -1e30, 0], random);
    else attribute.s = new TextEncoder().encode("nonsense");
  },
  "an attribute that is missing"(model, random) {
    nodeOf(model, random).attribute.pop();
  },
  "an attribute of another type"(model, random) {
    const node = chosen(
      graphOf(model).node.filter(({ attribute }) => attribute.length > 0),
      random,
    );
    const { name } = chosen(node.attribute, random);
    node.attribute = [create(AttributeProtoSchema, { name, type: AttributeType.STRINGS, strings: [new Uint8Array(9)] })];
  },
  "numbers that say shapes and axes"(model, random) {
    const tensor = chosen([...integerTensors(model), integers("none", [0n])], random);
    const values = Array.from({ length: tensor.dims.reduce((product, extent) => product * Number(extent), 1) }, () => chosen(WRONG, random));
    Object.assign(tensor, { int64Data: [], rawData: new Uint8Array(BigInt64Array.from(values).buffer) });
  },
  "a value that depends on itself"(model, random) {
    const node = nodeOf(model, random);
    node.input[random.below(node.input.length)] = node.output[0] as string;
  },
  "values that depend on one another"(model, random) {
    const { node } = graphOf(model);
    const at = random.below(node.length);
    const later = node[at + random.below(node.length - at)] as NodeProto;
    const first = node[at] as NodeProto;
    first.input[0] = later.output[0] as string;
  },
  "any other value as an input"(model, random) {
    const node = nodeOf(model, random);
    node.input[random.below(node.input.length)] = chosen(allValues(model), random);
  },
  "an input that is missing"(model, random) {
    const node = nodeOf(model, random);
    if (random.below(2)) node.input.pop();
    else node.input[random.below(Math.max(1, node.input.length))] = "";
  },
  "more inputs than the operator has"(model, random) {
    const node = nodeOf(model, random);
    node.input.push(...allValues(model).slice(0, 1 + random.below(40)));
  },
  "another operator"(model, random) {
    nodeOf(model, random).opType = chosen(OPERATORS, random);
  },
  "another operator without attributes"(model, random) {
    Object.assign(nodeOf(model, random), { opType: chosen(OPERATORS, random), attribute: [] });
  },
  "a node that is missing"(model, random) {
    graphOf(model).node.splice(random.below(graphOf(model).node.length), 1);
  },
  "two values of one name"(model, random) {
    nodeOf(model, random).output[0] = chosen(allValues(model), random);
  },
  "no output"(model, random) {
    nodeOf(model, random).output = random.below(2) ? [] : [""];
  },
  "an element type"(model, random) {
    initializer(model, random).dataType = random.below(30);
  },
  "the bytes of a weight"(model, random) {
    const tensor = initializer(model, random);
    tensor.rawData = tensor.rawData.slice(0, random.below(tensor.rawData.length + 1));
  },
  "numbers that are none"(model, random) {
    const { rawData } = initializer(model, random);
    rawData.fill(255);
  },
  "weights in another file"(model, random) {
    const entry = (key: string, value: string) => create(StringStringEntryProtoSchema, { key, value });
    const location = chosen(["../../etc/passwd", "", "/dev/zero", "hostile.onnx"], random);
    const place = [entry("location", location), entry("offset", chosen(["-1", "1e300", "nonsense", "4"], random)), entry("length", "99999999999")];
    Object.assign(initializer(model, random), { rawData: new Uint8Array(0), dataLocation: TensorProto_DataLocation.EXTERNAL, externalData: place });
  },
  "a ConstantOfShape that asks for terabytes": (model, random) =>
    asking("ConstantOfShape", [integers("", chosen([[2n ** 40n], [70_000n, 70_000n], [-1n, 5n], [4096n, 4096n]], random))], model, random),
  "an Expand that asks for terabytes": (model, random) =>
    asking("Expand", [integers("", [1n], [1n]), integers("", chosen([[2n ** 40n], [1n, 3n, 70_000n, 70_000n]], random))], model, random),
  "an Expand of an activation": (model, random) =>
    asking(
      "Expand",
      [
        integers(
          "",
          chosen(
            [
              [1n, 3n, 2n ** 40n, 5n],
              [1n, 70_000n, 70_000n, 1n],
            ],
            random,
          ),
        ),
      ],
      model,
      random,
      true,
    ),
  "a Tile of an activation": (model, random) =>
    asking(
      "Tile",
      [
        integers(
          "",
          chosen(
            [
              [1n, 1n, 2n ** 40n, 1n],
              [1n, 1n, 70_000n, 70_000n],
              [1n, -3n, 1n, 1n],
            ],
            random,
          ),
        ),
      ],
      model,
      random,
      true,
    ),
  "a Pad of an activation": (model, random) =>
    asking(
      "Pad",
      [integers("", chosen([[0n, 0n, 2n ** 40n, 0n, 0n, 0n, 0n, 0n], [0n, 0n, -90n, 0n, 0n, 0n, 0n, 0n], [1n]], random))],
      model,
      random,
      true,
    ),
  "a Range without end": (model, random) =>
    asking(
      "Range",
      [0n, 2n ** 50n, chosen([1n, 0n, -1n], random)].map((value) => integers("", [value], [])),
      model,
      random,
    ),
  "a Gather of much": (model, random) => asking("Gather", [integers("", chosen([[-9n], [2n ** 40n], [0n, 1n, 99n]], random))], model, random, true),
  "names of a megabyte"(model, random) {
    const node = nodeOf(model, random);
    Object.assign(node, { name: "n".repeat(2 ** 20), opType: chosen(["Conv", "Nonsense", "Reshape"], random) });
    node.input[0] = "v".repeat(2 ** 20);
  },
  "thousands of nodes of one name"(model) {
    const graph = graphOf(model);
    const [first] = graph.node as [NodeProto];
    const input = first.input[0] as string;
    const chain = Array.from({ length: 10_000 }, (_, i) =>
      create(NodeProtoSchema, { opType: i % 2 ? "Neg" : "Relu", name: "same", input: [i ? `c${i - 1}` : input], output: [`c${i}`] }),
    );
    first.input[0] = "c9999";
    graph.node = [...chain, ...graph.node];
  },
  "sums of sums, twice as many each time"(model) {
    const graph = graphOf(model);
    const [first] = graph.node as [NodeProto];
    const input = first.input[0] as string;
    const doubled = Array.from({ length: 60 }, (_, i) => {
      const from = i ? `d${i - 1}` : input;
      return create(NodeProtoSchema, { opType: "Concat", name: `d${i}`, input: [from, from], output: [`d${i}`], attribute: [axis(2n)] });
    });
    first.input[0] = "d59";
    graph.node = [...doubled, ...graph.node];
  },
  "the opset"(model, random) {
    const [opset] = model.opsetImport;
    if (opset) opset.version = chosen([...WRONG, 6n, 13n, 25n], random);
  },
  "the file's outputs"(model, random) {
    for (const output of graphOf(model).output) output.name = chosen(["", "nothing", ...allValues(model)], random);
  },
};

function axis(value: bigint) {
  return create(AttributeProtoSchema, { name: "axis", type: AttributeType.INT, i: value });
}

export function damagedGraph(model: ModelProto, damage: Damage, random: Random): Uint8Array {
  damage(model, random);
  return toBinary(ModelProtoSchema, model);
}

/** Bytes cut off, flipped, zeroed or repeated. */
export function damagedBytes(bytes: Uint8Array, random: Random): Uint8Array {
  const wrong = bytes.slice();
  const at = random.below(bytes.length);
  switch (random.below(4)) {
    case 0:
      return wrong.slice(0, at);
    case 1:
      for (let flips = 1 + random.below(6); flips > 0; flips--) {
        const place = random.below(flips % 2 ? bytes.length : Math.min(4096, bytes.length));
        wrong[place] = (wrong[place] as number) ^ (1 << random.below(8));
      }
      return wrong;
    case 2:
      return wrong.fill(random.below(2) ? 0 : 255, at, at + random.below(300));
    default:
      wrong.copyWithin(random.below(bytes.length), at, at + random.below(2000));
      return wrong;
  }
}
