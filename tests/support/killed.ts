/** The command line, interrupted: a small run that is killed at a moment and goes on. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { demoRecipe } from "../../src/session/recipe/defaults";
import type { Report } from "../../src/session/run/report";

const BIN = fileURLToPath(new URL("../../bin/brecq-lab.mjs", import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly said: string;
  readonly milliseconds: number;
}

/** The command line with these options. @param interrupt told of the process once it has started */
export function started(options: readonly string[], interrupt: (child: ChildProcess) => void = () => {}): Promise<Ended> {
  const began = performance.now();
  const child = spawn(process.execPath, [BIN, ...options]);
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (said += text));
  interrupt(child);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, said, milliseconds: performance.now() - began }));
  });
}

export class InterruptedRun {
  readonly folder: string = mkdtempSync(join(tmpdir(), "brecq-killed-"));
  readonly checkpoints: string = join(this.folder, "checkpoints");
  /** Where `compare` writes. */
  readonly comparison: string = join(this.folder, "comparison");
  private readonly out = join(this.folder, "report.json");
  private readonly recipe = join(this.folder, "recipe.json");

  constructor(change: object = {}) {
    const demo = demoRecipe();
    const images = { calibration: { ...demo.calibration, count: 64 }, evaluation: { ...demo.evaluation, count: 40 } };
    writeFileSync(this.recipe, JSON.stringify({ ...demo, ...images, device: "wasm", iterations: 120, learningRate: 0.1, ...change }));
  }

  /** @param interrupt told of the process once it has started; it may stop it */
  run(options: readonly string[], interrupt?: (child: ChildProcess) => void): Promise<Ended> {
    return started(["quantize", "--recipe", this.recipe, "--out", this.out, ...options], interrupt);
  }

  /** Two methods over one seed. */
  compare(interrupt?: (child: ChildProcess) => void): Promise<Ended> {
    const experiment = join(this.folder, "experiment.json");
    const recipe = JSON.parse(readFileSync(this.recipe, "utf8")) as object;
    writeFileSync(experiment, JSON.stringify({ version: 2, recipe, grid: { method: ["brecq", "adaround"] }, seeds: [0] }));
    return started(["compare", experiment, "--out", this.comparison], interrupt);
  }

  /** A fit to a loss, which tries some candidates one after the other. */
  fit(interrupt?: (child: ChildProcess) => void): Promise<Ended> {
    const goal = ["--lose", "2", "--tries", "3", "--bits", "2,4"];
    const kept = ["--checkpoint", this.checkpoints, "--checkpoint-every", "0.1", "--resume"];
    return started(["fit", "--recipe", this.recipe, "--out", this.out, ...goal, ...kept], interrupt);
  }

  /** Fingerprints of the comparison's runs, by file. */
  runs(): unknown {
    const folder = join(this.comparison, "runs");
    return readdirSync(folder)
      .sort()
      .map((name) => [name, (JSON.parse(readFileSync(join(folder, name), "utf8")) as Report).fingerprint]);
  }

  /** With checkpoints, the unit in training kept ten times a second. */
  kept(interrupt?: (child: ChildProcess) => void, resume = true): Promise<Ended> {
    return this.run(["--checkpoint", this.checkpoints, "--checkpoint-every", "0.1", ...(resume ? ["--resume"] : [])], interrupt);
  }

  get isReported(): boolean {
    return existsSync(this.out) && statSync(this.out).size > 0;
  }

  /** The report's fingerprint, accuracies and losses. */
  result(): unknown {
    const { fingerprint, accuracy, units } = JSON.parse(readFileSync(this.out, "utf8")) as Report;
    return { fingerprint, accuracy, losses: units.map(({ name, loss, settled }) => [name, loss, settled]) };
  }
}
