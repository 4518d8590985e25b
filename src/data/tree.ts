/**
 * Files by name, whose content is fetched only for those that are wanted: a folder that was read already, or a zip,
 * of which only the wanted entries are inflated.
 */
import { unzipSync } from "fflate";
import { BadInput } from "../base/errors";
import { byPath, type InputFile } from "./files";

export interface FileTree {
  /** In order. */
  readonly paths: readonly string[];
  /** The files of these paths, in their order. */
  fetch(paths: readonly string[]): InputFile[];
}

export function folderTree(files: readonly InputFile[]): FileTree {
  const found = new Map(files.map((file) => [file.path, file]));
  return { paths: [...found.keys()].sort(byPath), fetch: (paths) => paths.map((path) => found.get(path) as InputFile) };
}

/** Its paths start with the archive's own. */
export function zipTree({ path: archive, bytes }: InputFile): FileTree {
  const open = (wanted: (path: string) => boolean): Map<string, Uint8Array> => {
    try {
      const found = unzipSync(bytes, { filter: ({ name }) => wanted(`${archive}/${name}`) });
      return new Map(Object.entries(found).map(([name, content]) => [`${archive}/${name}`, content]));
    } catch {
      throw new BadInput(`${archive} is not a readable zip archive; it is damaged or truncated.`);
    }
  };
  const paths: string[] = [];
  open((path) => {
    if (!path.endsWith("/")) paths.push(path);
    return false;
  });
  return {
    paths: paths.sort(byPath),
    fetch(wanted) {
      const set = new Set(wanted);
      const found = open((path) => set.has(path));
      return wanted.map((path) => ({ path, bytes: found.get(path) as Uint8Array }));
    },
  };
}
