/** Units that are done and units in training as safetensors: arrays as tensors, all else as JSON in the file's metadata. */
import { z } from "../../base/zod";
import { type FileTensor, safetensorsFile } from "../../export/safetensors/file";
import { parseSafetensors } from "../../export/safetensors/parse";
import type { KeptTrainingState, KeptUnit, UnitPlace } from "../../quantize/checkpoints";
import type { UnitRounding } from "../../quantize/training/rounding-sample";

/** What a record belongs to; one of another run or unit is not taken for it. */
export interface RecordOf {
  readonly kind: "unit" | "training";
  readonly run: string;
  readonly place: UnitPlace;
}

const METADATA = "brecq-lab";
const roundingsSchema = z.array(z.object({ iteration: z.number(), layers: z.array(z.object({ name: z.string(), levels: z.number() })) }));
const unitSchema = z.object({
  settled: z.number(),
  bits: z.record(z.string(), z.number()),
  quantizers: z.record(z.string(), z.object({ bits: z.number(), scale: z.number(), zero: z.number() })),
  roundings: roundingsSchema,
});
const trainingSchema = z.object({ iteration: z.int().nonnegative(), roundings: roundingsSchema });

type Arrays = Map<string, FileTensor["data"]>;

export function packUnit(of: RecordOf, { change, losses, roundings }: KeptUnit): Uint8Array {
  const arrays: Arrays = new Map([["losses", change.losses]]);
  for (const [name, kernel] of change.kernels ?? []) arrays.set(`kernel/${name}`, kernel);
  for (const [name, bias] of change.biases ?? []) arrays.set(`bias/${name}`, bias);
  for (const [name, { scale, zero }] of change.weights ?? []) arrays.set(`scale/${name}`, scale).set(`zero/${name}`, zero);
  for (const part of ["reconstruction", "regularizer"] as const) arrays.set(`told/${part}`, Float32Array.from(losses.flatMap((one) => one[part])));
  return packed(of, arrays, {
    settled: change.settled,
    bits: Object.fromEntries([...(change.weights ?? [])].map(([name, { bits }]) => [name, bits])),
    quantizers: Object.fromEntries(change.quantizers ?? []),
    roundings: packRoundings(arrays, roundings),
  });
}

export function unpackUnit(of: RecordOf, content: Uint8Array<ArrayBuffer>): KeptUnit | null {
  const read = unpacked(of, content);
  if (!read) return null;
  const { arrays, told } = read;
  const { settled, bits, quantizers, roundings } = unitSchema.parse(told);
  const weights = Object.entries(bits).map(([name, width]) => {
    const [scale, zero] = [floats(arrays, `scale/${name}`), floats(arrays, `zero/${name}`)];
    return [name, { bits: width, scale, zero }] as const;
  });
  const [reconstruction, regularizer] = (["reconstruction", "regularizer"] as const).map((part) => [...floats(arrays, `told/${part}`)]);
  return {
    change: {
      ...{ settled, losses: floats(arrays, "losses"), weights: new Map(weights), quantizers: new Map(Object.entries(quantizers)) },
      kernels: under(arrays, "kernel/"),
      biases: under(arrays, "bias/"),
    },
    losses: reconstruction?.length ? [{ first: 0, reconstruction, regularizer: regularizer ?? [] }] : [],
    roundings: unpackRoundings(arrays, roundings),
  };
}

export function packTraining(of: RecordOf, { iteration, buffers, roundings }: KeptTrainingState): Uint8Array {
  const arrays: Arrays = new Map([...buffers].map(([name, values]) => [`buffer/${name}`, values]));
  return packed(of, arrays, { iteration, roundings: packRoundings(arrays, roundings) });
}

export function unpackTraining(of: RecordOf, content: Uint8Array<ArrayBuffer>): KeptTrainingState | null {
  const read = unpacked(of, content);
  if (!read) return null;
  const { iteration, roundings } = trainingSchema.parse(read.told);
  return { iteration, buffers: under(read.arrays, "buffer/"), roundings: unpackRoundings(read.arrays, roundings) };
}

function packRoundings(arrays: Arrays, roundings: readonly UnitRounding[]): z.infer<typeof roundingsSchema> {
  return roundings.map(({ iteration, layers }, i) => ({
    iteration,
    layers: layers.map(({ name, levels, floor, h, histogram }) => {
      arrays.set(`floor/${i}/${name}`, floor).set(`h/${i}/${name}`, h).set(`histogram/${i}/${name}`, Int32Array.from(histogram));
      return { name, levels };
    }),
  }));
}

function unpackRoundings(arrays: Arrays, roundings: z.infer<typeof roundingsSchema>): UnitRounding[] {
  return roundings.map(({ iteration, layers }, i) => ({
    iteration,
    layers: layers.map(({ name, levels }) => ({
      ...{ name, levels, floor: floats(arrays, `floor/${i}/${name}`), h: floats(arrays, `h/${i}/${name}`) },
      histogram: Uint32Array.from(arrays.get(`histogram/${i}/${name}`) as Int32Array),
    })),
  }));
}

function packed(of: RecordOf, arrays: Arrays, told: object): Uint8Array {
  const tensors = [...arrays].map(([name, data]) => ({ name, shape: [data.length], data }));
  return safetensorsFile(tensors, { [METADATA]: JSON.stringify({ of, told }) });
}

/** A record's arrays and the rest; null where it is another's. */
function unpacked(of: RecordOf, content: Uint8Array<ArrayBuffer>): { readonly arrays: Arrays; readonly told: unknown } | null {
  const { tensors, metadata } = parseSafetensors({ path: "checkpoint", bytes: content });
  const record = JSON.parse(String(metadata[METADATA] ?? null));
  if (JSON.stringify(record?.of) !== JSON.stringify(of)) return null;
  return { arrays: new Map([...tensors].map(([name, { data }]) => [name, data])), told: record.told };
}

function floats(arrays: Arrays, name: string): Float32Array {
  const found = arrays.get(name);
  if (!(found instanceof Float32Array)) throw new Error(`A checkpoint lacks ${name}`);
  return found;
}

/** The arrays whose names begin so, by the rest of their names. */
function under(arrays: Arrays, prefix: string): Map<string, Float32Array> {
  return new Map([...arrays.keys()].filter((name) => name.startsWith(prefix)).map((name) => [name.slice(prefix.length), floats(arrays, name)]));
}
