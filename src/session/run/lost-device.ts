/**
 * A run whose GPU is taken away goes on by itself: on a new device, for which an adapter is asked anew, from what it kept. Where nobody keeps
 * checkpoints for it, it keeps them in memory as long as it computes on a GPU. Two losses in a row, with nothing kept between them, end it.
 */
import { DeviceLost } from "../../base/errors";
import type { CheckpointStore, CheckpointStores } from "../checkpoint/store";

/** How often a run may lose its device without getting on in between. */
const MOST = 2;

/** Checkpoints that live as long as the run; the unit in training is kept as often as on a disk. */
export function memoryCheckpoints(): CheckpointStores {
  const runs = new Map<string, Map<string, Uint8Array<ArrayBuffer>>>();
  return {
    async open(run) {
      const files = runs.get(run) ?? new Map<string, Uint8Array<ArrayBuffer>>();
      runs.set(run, files);
      return {
        read: async (name) => files.get(name) ?? null,
        write: async (name, bytes) => void files.set(name, bytes as Uint8Array<ArrayBuffer>),
        remove: async (name) => void files.delete(name),
      };
    },
  };
}

/** Stores that count what is written to them. */
class Counted implements CheckpointStores {
  writes = 0;
  readonly every: number | undefined;

  constructor(private readonly stores: CheckpointStores) {
    this.every = stores.every;
  }

  async open(run: string): Promise<CheckpointStore> {
    const store = await this.stores.open(run);
    return {
      read: (name) => store.read(name),
      remove: (name) => store.remove(name),
      write: async (name, bytes, at) => {
        await store.write(name, bytes, at);
        this.writes++;
      },
    };
  }
}

/**
 * @param stores what the run keeps, in whatever
 * @param warn tells a person that the GPU was lost, and that the run goes on
 * @param attempt the run, from what the stores hold
 * @throws Error where the GPU was lost twice in a row, with what can be done
 */
export async function onNewDevices<T>(
  stores: CheckpointStores,
  warn: (message: string) => void,
  attempt: (stores: CheckpointStores) => Promise<T>,
): Promise<T> {
  const counted = new Counted(stores);
  let [lost, kept] = [0, 0];
  for (;;)
    try {
      return await attempt(counted);
    } catch (error) {
      if (!(error instanceof DeviceLost)) throw error;
      lost = counted.writes > kept ? 1 : lost + 1;
      kept = counted.writes;
      if (lost >= MOST)
        throw new Error(
          `${error.message} That was the second time in a row, so the run has stopped. Close what else uses the GPU and go on, or choose the device wasm, which needs none.`,
          { cause: error },
        );
      warn(`${error.message} The run goes on from what it had kept, on a new device.`);
    }
}
