/** A file as the readers see it, wherever it came from. */
export interface InputFile {
  /** Path with `/` between folders; the last folder may name the class. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** Told the share that is read, now and then; it may stop the reading by throwing. */
export type ReadProgress = (share: number) => void | Promise<void>;

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** The name of the folder that a file lies in, "" for none. */
export function folderOf(path: string): string {
  return path.split("/").at(-2) ?? "";
}

/** What systems leave in folders and archives: nobody chose it, and nobody misses it. */
export function isHidden(path: string): boolean {
  return /(^|\/)(\.[^./]|__MACOSX\/)/.test(path) || /(^|\/)(thumbs\.db|desktop\.ini)$/i.test(path);
}

/** Order of paths that does not depend on the system, its language or how files were chosen. */
export function byPath(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
