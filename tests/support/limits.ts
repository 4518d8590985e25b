/**
 * What reading a hostile file may take: 2 s and 500 MB. The process's largest memory so far (rusage) only grows, so a reader that
 * takes much for a moment is caught too.
 */
import { BadInput } from "../../src/base/errors";

const MOST = { milliseconds: 2000, kilobytes: 500_000, message: 1600 } as const;

export interface Outcome {
  readonly refused: boolean;
  /** What is wrong with how the file was taken; null where nothing is. */
  readonly fault: string | null;
}

/** Reads a file that may be damaged: it is read, or refused in a sentence that has its name. */
export async function attempt(name: string | RegExp, read: () => unknown): Promise<Outcome> {
  const before = process.resourceUsage().maxRSS;
  const started = performance.now();
  let refused = false;
  const faults: string[] = [];
  try {
    await read();
  } catch (error) {
    refused = error instanceof BadInput;
    if (!(error instanceof BadInput)) faults.push(`threw ${error instanceof Error ? error.stack : error}`);
    else if (!(typeof name === "string" ? error.message.includes(name) : name.test(error.message)))
      faults.push(`does not name the file: ${error.message}`);
    else if (error.message.length > MOST.message) faults.push(`has a message of ${error.message.length} characters`);
  }
  const milliseconds = performance.now() - started;
  const kilobytes = process.resourceUsage().maxRSS - before;
  if (milliseconds > MOST.milliseconds) faults.push(`took ${Math.round(milliseconds)} ms`);
  if (kilobytes > MOST.kilobytes) faults.push(`took ${Math.round(kilobytes / 1000)} MB`);
  return { refused, fault: faults.length > 0 ? faults.join("; ") : null };
}
