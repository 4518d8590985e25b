/** Nodes whose inputs are all constants, most of them arithmetic on shapes: TensorFlow.js computes them itself, each as a graph of one node. */
import { sizeOf } from "../../../graph/types";
import { type Constant, constantOf } from "../weights";
import type { Conversion } from "./values";

const FOLDABLE: ReadonlySet<string> = new Set(
  `Abs Add AddV2 BroadcastTo Cast Ceil ConcatV2 Div Equal Exp ExpandDims Fill Floor FloorDiv FloorMod GatherV2 Greater GreaterEqual Less LessEqual
  Log LogicalAnd LogicalNot LogicalOr MatMul Max Maximum Mean Min Minimum Mul Neg NotEqual OnesLike Pack Pad PadV2 Pow Prod Range Rank RealDiv
  Reciprocal Relu Reshape Round Rsqrt Select SelectV2 Shape Size Slice Split SplitV Sqrt Square Squeeze StridedSlice Sub Sum Tile Transpose Unpack
  ZerosLike`.split(/\s+/),
);

/** Numbers that a folded node may make; kernels of real networks have a few million. */
const MOST = 2 ** 25;

export function isFoldable(op: string): boolean {
  return FOLDABLE.has(op);
}

/** The outputs of a node of constants. @throws BadInput where TensorFlow.js cannot compute them, or they would be huge */
export function fold(at: Conversion, inputs: readonly Constant[]): Constant[] {
  const { tf, node } = at;
  if (!(outputSize(node.op, inputs) <= MOST)) throw at.fail("makes a constant of implausible size");
  const names = inputs.map((_, i) => `input${i}`);
  const placeholders = inputs.map(({ dtype }, i) => ({
    name: names[i],
    op: "Placeholder",
    attr: { dtype: { type: dtype === "float32" ? "DT_FLOAT" : dtype === "bool" ? "DT_BOOL" : "DT_INT32" } },
  }));
  const outputs = Array.from({ length: outputCount(at, inputs) }, (_, i) => `folded:${i}`);
  const modelTopology = { versions: { producer: 1 }, node: [...placeholders, { ...node.json, name: "folded", input: names }] };
  try {
    const folded: Constant[] = [];
    tf.tidy(() => {
      const model = tf.loadGraphModelSync({ modelTopology, weightSpecs: [], weightData: new ArrayBuffer(0) });
      const tensors = inputs.map(({ data, dims, dtype }) => tf.tensor(data, [...dims], dtype as "float32"));
      const made = model.execute(Object.fromEntries(tensors.map((tensor, i) => [names[i], tensor])), outputs);
      for (const tensor of Array.isArray(made) ? made : [made]) folded.push(constantOf(tensor));
    });
    return folded;
  } catch (error) {
    throw at.fail(`computes a constant, which TensorFlow.js refuses: ${error instanceof Error ? error.message : error}`);
  }
}

function outputCount({ node: { op, attributes } }: Conversion, inputs: readonly Constant[]): number {
  if (op === "Split") return attributes.int("num_split", 1);
  if (op === "SplitV") return inputs[1]?.data.length ?? 1;
  return op === "Unpack" ? attributes.int("num", 1) : 1;
}

/** At most so many numbers come out. */
function outputSize(op: string, inputs: readonly Constant[]): number {
  const [first, second] = inputs;
  const product = (values: Iterable<number>) => [...values].reduce((sum, value) => sum * Math.max(value, 1), 1);
  if (!first) return 0;
  if (op === "Fill") return product(first.data);
  if (op === "BroadcastTo" && second) return product(second.data);
  if (op === "Tile" && second) return sizeOf(first.dims) * product(second.data);
  if (op === "Range") return Math.abs(((second?.data[0] ?? 0) - (first.data[0] ?? 0)) / (inputs[2]?.data[0] ?? 1));
  if ((op === "Pad" || op === "PadV2") && second)
    return product(first.dims.map((extent, axis) => extent + (second.data[2 * axis] ?? 0) + (second.data[2 * axis + 1] ?? 0)));
  if (op === "GatherV2" && second) return sizeOf(first.dims) * second.data.length;
  if (op === "MatMul" && second) return sizeOf(first.dims) * (second.dims.at(-1) ?? 1);
  const rank = Math.max(...inputs.map(({ dims }) => dims.length));
  const broadcast = Array.from({ length: rank }, (_, axis) => Math.max(...inputs.map(({ dims }) => dims.at(axis - rank) ?? 1)));
  return Math.max(
    product(broadcast),
    inputs.reduce((sum, { data }) => sum + data.length, 0),
  );
}
