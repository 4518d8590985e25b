/**
 * Units that trials share through a folder: one whose layers have equal bits, on equal inputs, is trained by whoever comes first and
 * taken by all others, on other machines too. A unit is a file named by the hash of what its outcome depends on, sealed like a
 * checkpoint; where two write one at the same time both write the same bytes, and the file is replaced whole. One that is damaged is trained anew.
 */
import { type CachedUnit, UnitCache, type UnitStore } from "../../quantize/unit-cache";
import { packUnit, type RecordOf, unpackUnit } from "../checkpoint/record";
import { seal, unseal } from "../checkpoint/sealed";
import { hashBytes } from "../inputs/hash";
import { ARITHMETIC_VERSION } from "../share/arithmetic";

/** Files by name, each read and written whole. */
export interface SharedFiles {
  read(name: string): Promise<Uint8Array<ArrayBuffer> | null>;
  write(name: string, bytes: Uint8Array): Promise<void>;
}

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
  return packUnit(recordOf(key), { change: outcome, losses: samples, roundings: [] });
}

async function unpack(key: string, bytes: Uint8Array<ArrayBuffer>): Promise<CachedUnit | null> {
  const content = await unseal(bytes);
  const kept = "problem" in content ? null : unpackUnit(recordOf(key), content);
  if (!kept) return null;
  const { kernels = new Map(), weights = new Map(), biases = new Map(), quantizers = new Map(), settled, losses } = kept.change;
  return { outcome: { kernels, weights, biases, quantizers, settled, losses }, samples: kept.losses };
}

/** Of no run of its own: what its outcome depends on stands in the run's place. */
function recordOf(key: string): RecordOf {
  return { kind: "unit", run: key, place: { phase: "weights", index: 0, name: "shared" } };
}
