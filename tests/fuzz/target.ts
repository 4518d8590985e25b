/** What jazzer.js calls with each input: the reader that BRECQ_FUZZ names. Bad input is the one error that may come out. */
import { BadInput } from "../../src/base/errors";
import { READERS } from "./readers";

const name = process.env.BRECQ_FUZZ ?? "";
const read = READERS[name];
if (!read) throw new Error(`BRECQ_FUZZ names no reader: ${name}`);

export async function fuzz(data: Uint8Array): Promise<void> {
  try {
    // A copy: jazzer.js uses its own memory again.
    await read?.(Uint8Array.from(data));
  } catch (error) {
    if (!(error instanceof BadInput)) throw error;
  }
}
