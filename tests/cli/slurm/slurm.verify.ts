/**
 * A plan on a real Slurm: 24 trials of the demo on four workers; one worker is killed in the middle of a trial, one node is drained. The
 * merged table is that of one process, nothing is lost, and no trial is run twice to its end.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { demoRecipe } from "../../../src/session/recipe/defaults";
import { started } from "../../support/killed";

const CLUSTER = fileURLToPath(new URL("cluster.sh", import.meta.url));
const BIN = fileURLToPath(new URL("../../../bin/brecq-lab.mjs", import.meta.url));
const TABLES = ["results.csv", "results.json", "results.md", "results.svg"];
const has = (program: string) => spawnSync("which", [program]).status === 0;
const isThere = ["slurmctld", "slurmd", "sbatch", "munge"].every(has) && process.getuid?.() === 0;
if (!isThere) console.log("skipped: Slurm is not installed, or this is not root (Debian: slurmctld slurmd slurm-client munge)");

const folder = mkdtempSync(join(tmpdir(), "brecq-slurm-"));
const env = { ...process.env, SLURM_CONF: join(folder, "slurm.conf"), BRECQ_LAB: `${process.execPath} ${BIN}` };
const slurm = (program: string, ...options: string[]) => execFileSync(program, options, { env, encoding: "utf8" });
const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function until(what: string, is: () => boolean, seconds: number): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (!is()) {
    if (Date.now() > end) throw new Error(`${what}: not within ${seconds} s\n${slurm("squeue")}`);
    await wait(100);
  }
}

beforeAll(() => {
  if (isThere) execFileSync("bash", [CLUSTER, folder, "start"], { stdio: "inherit" });
});
afterAll(() => {
  if (isThere) execFileSync("bash", [CLUSTER, folder, "stop"], { stdio: "inherit" });
});

test.runIf(isThere)("24 trials, four workers, one killed, one node drained", { timeout: 1_800_000 }, async () => {
  const experiment = join(folder, "experiment.json");
  const demo = demoRecipe();
  const images = { calibration: { ...demo.calibration, count: 128 }, evaluation: { ...demo.evaluation, count: 200 } };
  const recipe = { ...demo, ...images, device: "auto", iterations: 150, learningRate: 0.1 };
  const grid = { "weights.bits": [2, 3], unit: ["layer", "block"], loss: ["mse", "fisher_diag"] };
  writeFileSync(experiment, JSON.stringify({ version: 2, title: "The demo's grid", recipe, grid, seeds: [0, 1, 2] }));
  const [alone, shared] = [join(folder, "alone"), join(folder, "shared")];
  for (const out of [alone, shared]) expect((await started(["plan", experiment, "--out", out, "--shards", "4"])).said).toContain("24 trials");
  const whole = await started(["run", alone]);
  expect([whole.code, whole.said]).toEqual([0, expect.stringContaining("24 of 24 trials finished.")]);

  // Checkpoints ten times a second, so that what is killed has been kept.
  const script = join(shared, "slurm.sh");
  writeFileSync(script, readFileSync(script, "utf8").replace(" --threads ", " --checkpoint-every 0.1 --threads "));
  slurm("sbatch", "--chdir", shared, script);
  const files = (name: string) => (existsSync(join(shared, name)) ? readdirSync(join(shared, name)) : []);
  await until("two trials finished", () => files("reports").length >= 2, 300);

  // One worker, in the middle of a trial of which something is kept.
  let killed = "";
  await until(
    "a worker in mid-trial",
    () => {
      const [trial] = files("checkpoints").filter((name) =>
        readdirSync(join(shared, "checkpoints", name), { recursive: true }).some((file) => String(file).endsWith(".training.checkpoint")),
      );
      const claim = files("claims").find((name) => name.startsWith(`${trial}.`));
      if (!trial || !claim) return false;
      try {
        const owner = JSON.parse(readFileSync(join(shared, "claims", claim), "utf8")) as { process: number };
        process.kill(owner.process, "SIGKILL");
      } catch {
        // It had just been finished.
        return false;
      }
      killed = trial;
      return true;
    },
    300,
  );
  await wait(2000);
  slurm("scontrol", "update", "nodename=one", "state=drain", "reason=test");
  await until("all tasks ended", () => slurm("squeue", "-h").trim() === "", 1200);

  for (const out of [alone, shared]) expect((await started(["merge", out])).code).toBe(0);
  const tables = (out: string) => TABLES.map((name) => readFileSync(join(out, name), "utf8"));
  expect(tables(shared)).toEqual(tables(alone));
  const said = readdirSync(shared)
    .filter((name) => /^slurm-\d+_\d+\.txt$/.test(name))
    .map((name) => readFileSync(join(shared, name), "utf8"))
    .join("\n");
  const ends = [...said.matchAll(/Trial ([0-9a-f]{16}),.*: finished$/gm)].map(([, name]) => name);
  expect(ends).toHaveLength(24);
  expect(new Set(ends).size).toBe(24);
  expect(said.match(new RegExp(`Trial ${killed},.*: begins`, "g"))?.length).toBeGreaterThanOrEqual(2);
  expect(said).toContain("from the checkpoint");
  expect(slurm("sinfo", "-h", "-n", "one", "-o", "%t")).toMatch(/drain/);
});
