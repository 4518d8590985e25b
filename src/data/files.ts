/** A file as the readers see it, wherever it came from. */
export interface InputFile {
  /** Path with `/` between folders; the last folder may name the class. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** Told the share that is read, now and then; it may stop the reading by throwing. */
export type ReadProgress = (share: number) => void | Promise<void>;
