/** Where checkpoints of a run are kept: files by name, each written whole or not at all. */
export interface CheckpointStore {
  read(name: string): Promise<Uint8Array<ArrayBuffer> | null>;
  /** Takes the place of what was there; a reader sees the one or the other, whenever the machine stops. */
  write(name: string, bytes: Uint8Array): Promise<void>;
  remove(name: string): Promise<void>;
}

/** Gives each run a store of its own. */
export interface CheckpointStores {
  /** @param run its identity (identity.ts) */
  open(run: string): Promise<CheckpointStore>;
  /** Milliseconds after which a unit in training is kept again; a minute by default. */
  readonly every?: number;
}
