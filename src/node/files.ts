/** Files and folders that a person names by path, read for a session. */
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, sep } from "node:path";
import { BadInput } from "../base/errors";
import type { InputFile } from "../data/files";
import { labelsPathOf } from "../data/names";
import { companionsOf } from "../session/inputs/companions";
import { filesInMemory, type GivenFiles } from "../session/inputs/sources";

/** A file (IDX images with their labels), or every file below a folder. */
export async function readGiven(path: string): Promise<GivenFiles> {
  const name = basename(path);
  try {
    const info = await stat(path);
    if (!info.isDirectory()) {
      const own = { path: name, bytes: new Uint8Array(await readFile(path)) };
      return filesInMemory(name, [own, ...(await labelsBeside(path))]);
    }
    const entries = await readdir(path, { recursive: true, withFileTypes: true });
    const found = entries.filter((entry) => entry.isFile() && !entry.name.startsWith(".")).map((entry) => join(entry.parentPath, entry.name));
    const files = await Promise.all(
      found
        .sort()
        .map(async (file) => ({ path: `${name}/${relative(path, file).split(sep).join("/")}`, bytes: new Uint8Array(await readFile(file)) })),
    );
    return filesInMemory(name, files);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT") throw new BadInput(`${path} does not exist; check the path.`);
    if (code === "EACCES") throw new BadInput(`${path} may not be read; check its permissions.`);
    throw error;
  }
}

/** The labels of IDX images, which are a file of their own beside them, where they are there. */
async function labelsBeside(path: string): Promise<InputFile[]> {
  const labels = labelsPathOf(path);
  if (labels === null) return [];
  try {
    return [{ path: basename(labels), bytes: new Uint8Array(await readFile(labels)) }];
  } catch {
    return [];
  }
}

/** A model: a file with those that it needs beside it, or every file below a folder. */
export async function readGivenModel(path: string): Promise<GivenFiles> {
  const given = await readGiven(path);
  const [file, ...others] = await given.read();
  if (!file) throw new BadInput(`${path} is an empty folder; expected a model.`);
  if (others.length > 0 || file.path.includes("/")) return given;
  // What lies elsewhere than below the model's own folder is none of its business.
  const names = companionsOf(file).filter((name) => !isAbsolute(name) && !name.split(/[\\/]/).includes(".."));
  const beside = await Promise.all(
    [...new Set(names)].map(async (name) => ({ path: name, bytes: new Uint8Array(await readFile(join(dirname(path), name)).catch(() => [])) })),
  );
  return filesInMemory(given.name, [file, ...beside.filter(({ bytes }) => bytes.length > 0)]);
}
