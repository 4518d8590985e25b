/** PyTorch in a child process, which answers one request a line with the milliseconds of an iteration. */
import { spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import type { Competitor } from "./competitor";

const SCRIPT = "bench/competitors/pytorch.py";
const PROBE = "import torch; print(torch.__version__, torch.cuda.is_available())";

interface Torch {
  readonly python: string;
  readonly version: string;
  readonly cuda: boolean;
}

export function findTorch(): Torch | null {
  for (const python of [process.env.PYTHON, "/usr/bin/python3", "python3"]) {
    if (!python) continue;
    const { status, stdout } = spawnSync(python, ["-c", PROBE], { encoding: "utf8" });
    const [version, cuda] = stdout?.trim().split(" ") ?? [];
    if (status === 0 && version) return { python, version, cuda: cuda === "True" };
  }
  return null;
}

export function pytorch({ python, version }: Torch, place: "cpu" | "cuda", threads: number): Competitor {
  const child = spawn(python, [SCRIPT, String(threads), place], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async (request: object): Promise<number> => {
    child.stdin.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await lines.next();
    if (done) throw new Error("PyTorch's process ended");
    return Number(value);
  };
  return {
    name: place === "cuda" ? `PyTorch ${version}, CUDA` : `PyTorch ${version}, CPU, ${threads} threads`,
    device: place === "cuda" ? "webgpu" : "wasm",
    async train({ name, kind, channels, size, images }) {
      return {
        time: (iterations) => ask({ work: "block", name, kind, channels, size, images, iterations }),
        dispose: () => void ask({ work: "forget", name }),
      };
    },
    async network(images, iterations) {
      return { time: (runs) => ask({ work: "network", images, iterations, runs }), dispose() {} };
    },
    stop: () => child.stdin.end(),
  };
}
