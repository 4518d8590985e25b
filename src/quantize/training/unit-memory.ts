/** Units that were reconstructed before, by what their outcome depends on. */
import type { LossSamples, Reconstruction } from "./reconstruct";

export interface KnownUnit {
  readonly outcome: Reconstruction;
  /** The losses as they were reported, for the charts. */
  readonly samples: readonly LossSamples[];
}

/** Bytes of kernels and losses that are kept; the least recently used go first. */
const MOST_BYTES = 256 * 2 ** 20;

export class UnitMemory {
  private readonly units = new Map<string, KnownUnit>();
  private bytes = 0;

  get(key: string): KnownUnit | null {
    const found = this.units.get(key);
    if (!found) return null;
    this.units.delete(key);
    this.units.set(key, found);
    return found;
  }

  set(key: string, unit: KnownUnit): void {
    this.units.set(key, unit);
    this.bytes += bytesOf(unit);
    for (const [oldest, old] of this.units) {
      if (this.bytes <= MOST_BYTES) break;
      this.units.delete(oldest);
      this.bytes -= bytesOf(old);
    }
  }
}

function bytesOf({ outcome: { kernels, losses } }: KnownUnit): number {
  return [...kernels.values()].reduce((sum, { byteLength }) => sum + byteLength, 3 * losses.byteLength);
}
