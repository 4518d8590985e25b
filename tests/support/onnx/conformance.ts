/**
 * One case of the ONNX project's conformance data: a model, its inputs and the outputs that every runtime must give. The
 * first input is the image or a batch of images; the others become constants of the file, for the lab's networks have one input.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { TensorProto_DataType as DataType, type ModelProto, ModelProtoSchema, type TensorProto, TensorProtoSchema } from "onnx-buf";
import { BadInput } from "../../../src/base/errors";
import type { Device } from "../../../src/engine/device";
import { readTensor } from "../../../src/formats/onnx/tensors";
import { readOnnx } from "./read";
import { engineOutputs, type Values } from "./runtime";

/** The tolerances of ONNX's own backend test. */
const RELATIVE = 1e-3;
const ABSOLUTE = 1e-7;

export interface Case {
  readonly name: string;
  readonly model: ModelProto;
  readonly operators: readonly string[];
  /** Null where it is no float tensor. */
  readonly image: Values | null;
  readonly constants: readonly TensorProto[];
  /** Null where one is no float tensor. */
  readonly expected: readonly Values[] | null;
}

/** Reads `FOLDER/model.onnx` and `FOLDER/test_data_set_0`; null where the case has no such data. */
export function readCase(folder: string, name: string): Case | null {
  const data = `${folder}/test_data_set_0`;
  if (!existsSync(`${folder}/model.onnx`) || !existsSync(data)) return null;
  const model = fromBinary(ModelProtoSchema, new Uint8Array(readFileSync(`${folder}/model.onnx`)));
  const files = (kind: string) =>
    readdirSync(data)
      .filter((file) => file.startsWith(`${kind}_`))
      .sort((a, b) => numberOf(a) - numberOf(b));
  const tensors = (kind: string) => files(kind).map((file) => readProto(`${data}/${file}`));
  const [image, ...constants] = tensors("input");
  const expected = tensors("output").map(floats);
  return {
    name,
    model,
    operators: [...new Set(model.graph?.node.map(({ opType }) => opType) ?? [])],
    image: floats(image ?? null),
    constants: constants.filter((tensor) => tensor !== null),
    expected: expected.every((values) => values !== null) ? expected : null,
  };
}

const numberOf = (file: string) => Number(/\d+/.exec(file)?.[0]);

/** Null for sequences and optional values, whose files have another schema. */
function readProto(path: string): TensorProto | null {
  try {
    const tensor = fromBinary(TensorProtoSchema, new Uint8Array(readFileSync(path)));
    readTensor(tensor, path);
    return tensor;
  } catch {
    return null;
  }
}

function floats(tensor: TensorProto | null): Values | null {
  if (tensor?.dataType !== DataType.FLOAT) return null;
  const { dims, data } = readTensor(tensor, "data");
  return { dims, data: Float32Array.from(data) };
}

export type Verdict = { readonly kind: "right" } | { readonly kind: "refused" | "wrong"; readonly reason: string };

/** Operators whose output at a place depends on the operands there alone: a batch of constants is theirs part by part. */
const ELEMENTWISE: ReadonlySet<string> = new Set(["Add", "Sub", "Mul", "Div", "Pow", "PRelu", "Sum", "Max", "Min", "Mean"]);

/** Reads the case and runs its images as one batch. */
export async function judge(device: Device, entry: Case): Promise<Verdict> {
  const { image, expected, constants, operators } = entry;
  if (!image || !expected) throw new Error(`${entry.name} is not of floats`);
  const whole = await attempt(device, entry, image, constants, expected);
  const images = image.dims[0] ?? 1;
  const byImage = constants.some(({ dims }) => dims.length === image.dims.length && Number(dims[0]) === images);
  if (whole.kind !== "refused" || images === 1 || !byImage || !operators.every((operator) => ELEMENTWISE.has(operator))) return whole;
  for (let i = 0; i < images; i++) {
    const parts = constants.map((tensor) =>
      Number(tensor.dims[0]) === images && tensor.dims.length === image.dims.length ? partOf(tensor, i) : tensor,
    );
    const verdict = await attempt(
      device,
      entry,
      slice(image, i),
      parts,
      expected.map((values) => slice(values, i)),
    );
    if (verdict.kind !== "right") return verdict;
  }
  return { kind: "right" };
}

function slice({ dims, data }: Values, at: number): Values {
  const size = data.length / (dims[0] ?? 1);
  return { dims: [1, ...dims.slice(1)], data: data.slice(at * size, (at + 1) * size) };
}

function partOf(tensor: TensorProto, at: number): TensorProto {
  const { dims, data } = slice(floats(tensor) as Values, at);
  return { ...tensor, dims: dims.map(BigInt), floatData: [], rawData: new Uint8Array(data.slice().buffer) };
}

async function attempt(
  device: Device,
  { name, model }: Case,
  image: Values,
  constants: readonly TensorProto[],
  expected: readonly Values[],
): Promise<Verdict> {
  try {
    const graph = readOnnx(withConstants(model, constants), `${name}.onnx`);
    return compare(await engineOutputs(device, graph, image), expected);
  } catch (error) {
    if (error instanceof BadInput) return { kind: "refused", reason: error.message };
    return { kind: "wrong", reason: error instanceof Error ? error.message : String(error) };
  }
}

/** The file with all inputs but the first turned into initializers. */
function withConstants(model: ModelProto, constants: readonly TensorProto[]): Uint8Array {
  const { graph } = model;
  if (!graph) throw new Error("no graph");
  const known = new Set(graph.initializer.map(({ name }) => name));
  const [first, ...others] = graph.input.filter(({ name }) => !known.has(name));
  const initializer = [...graph.initializer, ...constants.map((tensor, i) => ({ ...tensor, name: others[i]?.name ?? tensor.name }))];
  return toBinary(ModelProtoSchema, { ...model, graph: { ...graph, input: first ? [first] : [], initializer } });
}

function compare(actual: readonly Values[], expected: readonly Values[]): Verdict {
  for (const [i, { dims, data }] of expected.entries()) {
    const own = actual[i];
    if (!own) return { kind: "wrong", reason: `${actual.length} outputs where ${expected.length} were expected` };
    if (own.dims.join() !== dims.join()) return { kind: "wrong", reason: `output ${i} is [${own.dims}] where [${dims}] was expected` };
    for (let at = 0; at < data.length; at++) {
      const [a, e] = [own.data[at] as number, data[at] as number];
      if (Object.is(a, e) || (Number.isNaN(a) && Number.isNaN(e))) continue;
      if (!(Math.abs(a - e) <= ABSOLUTE + RELATIVE * Math.abs(e)))
        return { kind: "wrong", reason: `output ${i} is ${a} at ${at} where ${e} was expected` };
    }
  }
  return { kind: "right" };
}
