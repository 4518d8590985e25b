/** A model in a zip archive: its files, once the sizes that the archive declares are seen to be plausible. */
import { unzipSync } from "fflate";
import { BadInput } from "../base/errors";
import type { ModelFile } from "./format";

/** Weights hardly compress; an archive that declares more than this many bytes must not hold many times its own size. */
const PLAUSIBLE = { bytes: 256 * 2 ** 20, ratio: 8 } as const;

/**
 * The files in a zip archive; null where the file is none, or holds no file whose name `isNetwork` takes for a network's.
 * @throws BadInput for a damaged archive and for one whose content would be implausibly large
 */
export function archiveOf(archive: ModelFile, isNetwork: (path: string) => boolean): ModelFile[] | null {
  const { bytes, path } = archive;
  if (bytes[0] !== 0x50 || bytes[1] !== 0x4b) return null;
  const entries: { readonly name: string; readonly size: number }[] = [];
  open(archive, ({ name, size, originalSize }) => {
    if (size > 1.01 * originalSize + 1024) throw new Error(`${name} unpacks to less than it takes`);
    if (!name.endsWith("/") && !/(^|\/)(\.|__MACOSX\/)/.test(name)) entries.push({ name, size: originalSize });
    return false;
  });
  if (!entries.some(({ name }) => isNetwork(name))) return null;
  const total = entries.reduce((sum, { size }) => sum + size, 0);
  if (total > PLAUSIBLE.bytes && total > PLAUSIBLE.ratio * bytes.length)
    throw new BadInput(
      `${path} declares ${total} bytes of content in an archive of ${bytes.length} bytes, which no weights compress to; unpack it and choose the files of the model.`,
    );
  const wanted = new Set(entries.map(({ name }) => name));
  const found = open(archive, ({ name }) => wanted.has(name));
  return Object.entries(found).map(([name, content]) => ({ path: `${path}/${name}`, bytes: content }));
}

function open(
  { path, bytes }: ModelFile,
  filter: (entry: { name: string; size: number; originalSize: number }) => boolean,
): Record<string, Uint8Array> {
  try {
    return unzipSync(bytes, { filter });
  } catch {
    throw new BadInput(`${path} is not a readable zip archive; it is damaged or truncated.`);
  }
}
