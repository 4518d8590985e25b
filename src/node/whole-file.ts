/**
 * Files that are whole whenever they are there: written beside their place, flushed to the disk, and then put there. A reader, on another
 * machine too, sees the old file or the new one; of two writers the later one's stands.
 */
import { randomUUID } from "node:crypto";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";

/** How the names of files end that are being written. */
export const PART = ".part";

/** Makes the folder where it is missing. */
export async function writeWhole(path: string, content: Uint8Array | string): Promise<void> {
  const part = `${path}.${randomUUID().slice(0, 8)}${PART}`;
  await mkdir(dirname(path), { recursive: true });
  try {
    await flushed(part, "w", (file) => file.writeFile(content));
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
  // The name itself is only safe once the folder is; not every system opens a folder.
  await flushed(dirname(path), "r", async () => {}).catch(() => {});
}

async function flushed(path: string, flags: string, work: (file: Awaited<ReturnType<typeof open>>) => Promise<unknown>): Promise<void> {
  const file = await open(path, flags);
  try {
    await work(file);
    await file.sync();
  } finally {
    await file.close();
  }
}
