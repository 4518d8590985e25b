/** Reads what a person named on the command line: a file, or every file below a folder. */
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join, relative, sep } from "node:path";
import { BadInput } from "../base/errors";
import type { GivenFiles } from "../session/sources";

export async function readGiven(path: string): Promise<GivenFiles> {
  const name = basename(path);
  try {
    const info = await stat(path);
    if (!info.isDirectory()) return { name, files: [{ path: name, bytes: new Uint8Array(await readFile(path)) }] };
    const entries = await readdir(path, { recursive: true, withFileTypes: true });
    const found = entries.filter((entry) => entry.isFile() && !entry.name.startsWith(".")).map((entry) => join(entry.parentPath, entry.name));
    const files = await Promise.all(
      found
        .sort()
        .map(async (file) => ({ path: `${name}/${relative(path, file).split(sep).join("/")}`, bytes: new Uint8Array(await readFile(file)) })),
    );
    return { name, files };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT") throw new BadInput(`${path} does not exist; check the path.`);
    if (code === "EACCES") throw new BadInput(`${path} may not be read; check its permissions.`);
    throw error;
  }
}
