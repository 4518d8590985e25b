/** What a person names on the command line beside models and images: texts to read, and files to write. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { BadInput } from "../base/errors";

import { readGiven } from "../node/files";

/** The text of one file. @throws BadInput for a folder */
export async function readText(path: string, expected: string): Promise<string> {
  const [file] = await (await readGiven(path)).read();
  // A folder's files bear its name before their own.
  if (!file || file.path.includes("/")) throw new BadInput(`${path} is a folder; expected ${expected}.`);
  return new TextDecoder().decode(file.bytes);
}

/** Sees before any work that a file can be written, so that none is lost for it; makes the folders on the way. */
export async function checkWritable(path: string | undefined): Promise<void> {
  if (path === undefined) return;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, "", { flag: "a" });
  } catch (error) {
    throw new BadInput(`${path} cannot be written: ${(error as Error).message}. Name another file.`);
  }
}
