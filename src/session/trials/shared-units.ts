/**
 * Units that trials share through a folder: one whose layers have equal bits, on equal inputs, is trained by whoever comes first and
 * taken by all others, on other machines too. A unit is a file named by the hash of what its outcome depends on, sealed like a
 * checkpoint; where two write one at the same time both write the same bytes, and the file is replaced whole. One that is damaged is trained anew.
 */
import { z } from "../../base/zod";
import { type FileTensor, safetensorsFile } from "../../export/safetensors/file";
import { parseSafetensors } from "../../export/safetensors/parse";
import { type CachedUnit, UnitCache, type UnitStore } from "../../quantize/unit-cache";
import { seal, unseal } from "../checkpoint/sealed";
import { hashBytes } from "../inputs/hash";
import { ARITHMETIC_VERSION } from "../share/arithmetic";

/** Files by name, each read and written whole. */
export interface SharedFiles {
  read(name: string): Promise<Uint8Array<ArrayBuffer> | null>;
  write(name: string, bytes: Uint8Array): Promise<void>;
}

const METADATA = "brecq-lab";
const toldSchema = z.object({
  key: z.string(),
  settled: z.number(),
  bits: z.record(z.string(), z.number()),
  quantizers: z.record(z.string(), z.object({ bits: z.number(), scale: z.number(), zero: z.number() })),
});

export class SharedUnits implements UnitStore {
  private readonly memory = new UnitCache();

  /** @param refused is told why a unit could not be written; the run goes on */
  constructor(
    private readonly files: SharedFiles,
    private readonly refused: (why: string) => void,
  ) {}

  async get(key: string): Promise<CachedUnit | null> {
    const known = this.memory.get(key);
    if (known) return known;
    const bytes = await this.files.read(await nameOf(key));
    // One that cannot be read is as good as none.
    const found = bytes && (await unpack(key, bytes).catch(() => null));
    if (found) this.memory.set(key, found);
    return found;
  }

  async set(key: string, unit: CachedUnit): Promise<void> {
    this.memory.set(key, unit);
    try {
      await this.files.write(await nameOf(key), await seal(pack(key, unit)));
    } catch (error) {
      this.refused(error instanceof Error ? error.message : String(error));
    }
  }
}

async function nameOf(key: string): Promise<string> {
  return `${(await hashBytes(new TextEncoder().encode(`${ARITHMETIC_VERSION}\n${key}`))).slice(0, 32)}.unit`;
}

function pack(key: string, { outcome, samples }: CachedUnit): Uint8Array {
  const arrays = new Map<string, FileTensor["data"]>([["losses", outcome.losses]]);
  for (const [name, kernel] of outcome.kernels) arrays.set(`kernel/${name}`, kernel);
  for (const [name, bias] of outcome.biases) arrays.set(`bias/${name}`, bias);
  for (const [name, { scale, zero }] of outcome.weights) arrays.set(`scale/${name}`, scale).set(`zero/${name}`, zero);
  for (const part of ["reconstruction", "regularizer"] as const) arrays.set(`told/${part}`, Float32Array.from(samples.flatMap((one) => one[part])));
  const told: z.infer<typeof toldSchema> = {
    ...{ key, settled: outcome.settled },
    bits: Object.fromEntries([...outcome.weights].map(([name, { bits }]) => [name, bits])),
    quantizers: Object.fromEntries(outcome.quantizers),
  };
  const tensors = [...arrays].map(([name, data]) => ({ name, shape: [data.length], data }));
  return safetensorsFile(tensors, { [METADATA]: JSON.stringify(told) });
}

async function unpack(key: string, bytes: Uint8Array<ArrayBuffer>): Promise<CachedUnit | null> {
  const content = await unseal(bytes);
  if ("problem" in content) return null;
  const { tensors, metadata } = parseSafetensors({ path: "shared unit", bytes: content });
  const told = toldSchema.parse(JSON.parse(String(metadata[METADATA] ?? null)));
  if (told.key !== key) return null;
  const floats = (name: string): Float32Array => {
    const data = tensors.get(name)?.data;
    if (!(data instanceof Float32Array)) throw new Error(`A shared unit lacks ${name}`);
    return data;
  };
  const under = (prefix: string) =>
    new Map([...tensors.keys()].filter((name) => name.startsWith(prefix)).map((name) => [name.slice(prefix.length), floats(name)]));
  const weights = Object.entries(told.bits).map(
    ([name, bits]) => [name, { bits, scale: floats(`scale/${name}`), zero: floats(`zero/${name}`) }] as const,
  );
  return {
    outcome: {
      ...{ kernels: under("kernel/"), biases: under("bias/"), weights: new Map(weights), quantizers: new Map(Object.entries(told.quantizers)) },
      ...{ settled: told.settled, losses: floats("losses") },
    },
    samples: [{ first: 0, reconstruction: [...floats("told/reconstruction")], regularizer: [...floats("told/regularizer")] }],
  };
}
