/** Zip archives, whose table of contents says where each file lies and how large it will be. */
import { unzipSync } from "fflate";
import { BadInput } from "../../base/errors";
import { byPath, type InputFile } from "../files";
import { checkEntries, checkEntry, checkGrowth } from "../limits";
import type { FileTree } from "./tree";

/** Bytes that an entry takes in the table of contents, at least. */
const LEAST_ENTRY = 46;

/**
 * The files of a zip that are wanted, by their names in it.
 * @param kind what to call the archive in an error
 * @throws BadInput where it is damaged, or declares sizes that it cannot hold
 */
export function unzip({ path: archive, bytes }: InputFile, wanted: (name: string) => boolean, kind = "zip"): Map<string, Uint8Array> {
  const damaged = () => new BadInput(`${archive} is not a readable ${kind} archive; it is damaged or truncated.`);
  let [entries, total] = [0, 0];
  try {
    const found = unzipSync(bytes, {
      filter({ name, size, originalSize, compression }) {
        if (++entries * LEAST_ENTRY > bytes.length) throw damaged();
        checkEntries(archive, entries);
        if (!wanted(name)) return false;
        // Stored files are as large as they are; the memory for others is taken by what they declare.
        if (compression !== 0) {
          // Deflate adds next to nothing to what it cannot shrink: an entry that shall unpack to less than it takes says less than it holds.
          if (size > 1.01 * originalSize + 1024) throw damaged();
          checkEntry(`${archive}/${name}`, originalSize);
          total += originalSize;
          checkGrowth(archive, bytes.length, total);
        }
        return true;
      },
    });
    return new Map(Object.entries(found));
  } catch (error) {
    if (error instanceof BadInput) throw error;
    throw damaged();
  }
}

/** Its paths start with the archive's own. */
export function zipTree(archive: InputFile): FileTree {
  const { length } = archive.path;
  const paths: string[] = [];
  unzip(archive, (name) => {
    if (!name.endsWith("/")) paths.push(`${archive.path}/${name}`);
    return false;
  });
  return {
    paths: paths.sort(byPath),
    async fetch(wanted) {
      const names = new Set(wanted.map((path) => path.slice(length + 1)));
      const found = unzip(archive, (name) => names.has(name));
      return wanted.map((path) => ({ path, bytes: found.get(path.slice(length + 1)) as Uint8Array }));
    },
  };
}
