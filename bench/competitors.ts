/** Others that do the same work, each behind one function: milliseconds of an iteration. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import type { Work } from "./works";

export interface Competitor {
  readonly name: string;
  time(work: Work, iterations: number): Promise<number>;
  stop(): void;
}

function pythonWithTorch(): string | null {
  const candidates = [process.env.PYTHON, "/usr/bin/python3", "python3"];
  return candidates.find((python) => python && spawnSync(python, ["-c", "import torch"]).status === 0) ?? null;
}

/** PyTorch on the CPU with `threads` threads, or null where it is not installed. */
export function pytorch(threads: number): Competitor | null {
  const python = pythonWithTorch();
  if (!python) return null;
  const child: ChildProcess = spawn(python, ["bench/pytorch.py", String(threads)], { stdio: ["pipe", "pipe", "inherit"] });
  if (!child.stdin || !child.stdout) return null;
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const { stdin } = child;
  return {
    name: `PyTorch CPU, ${threads} threads`,
    async time(work, iterations) {
      stdin.write(`${work.name.replaceAll(" ", "_")} ${work.kind} ${work.channels} ${work.size} ${work.images} ${iterations}\n`);
      const { value } = await lines.next();
      return Number(value);
    },
    stop: () => stdin.end(),
  };
}
