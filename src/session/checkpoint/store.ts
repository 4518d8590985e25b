/** Where checkpoints of a run are kept: files by name, each written whole or not at all. */
export interface CheckpointStore {
  read(name: string): Promise<Uint8Array<ArrayBuffer> | null>;
  /** Takes the place of what was there; a reader sees the one or the other, whenever the machine stops. @param at what it is of */
  write(name: string, bytes: Uint8Array, at: CheckpointPlace): Promise<void>;
  remove(name: string): Promise<void>;
}

/** The unit that a checkpoint is of, and the iteration of its training; null where it is done. */
export interface CheckpointPlace {
  readonly unit: string;
  readonly iteration: number | null;
}

/** Gives each run a store of its own. */
export interface CheckpointStores {
  /** @param run its identity (identity.ts) */
  open(run: string): Promise<CheckpointStore>;
  /** Milliseconds after which a unit in training is kept again; a minute by default. */
  readonly every?: number | undefined;
}
