/** A plan done by several processes, one of them killed: the merged table is that of one process, byte for byte. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { started } from "../support/killed";
import { onnxBytes } from "../support/onnx/file";
import { resnet } from "../support/onnx/networks";
import { smallRecipe } from "../support/small-run";

const TABLES = ["results.csv", "results.json", "results.md", "results.svg"];

interface Place {
  readonly experiment: string;
  readonly model: string;
  readonly plan: string;
}

function place(iterations: number): Place {
  const folder = mkdtempSync(join(tmpdir(), "brecq-trials-"));
  const [experiment, model] = [join(folder, "experiment.json"), join(folder, "small.onnx")];
  writeFileSync(model, onnxBytes(resnet({ block: "basic", extent: 32 })));
  const recipe = smallRecipe(32, { iterations });
  writeFileSync(experiment, JSON.stringify({ version: 2, recipe, grid: { "weights.bits": [2, 3] }, seeds: [0, 1] }));
  return { experiment, model, plan: join(folder, "plan") };
}

const plan = ({ experiment, model, plan: out }: Place, ...more: string[]) => started(["plan", experiment, "--model", model, "--out", out, ...more]);
const tables = ({ plan: folder }: Place) => TABLES.map((name) => readFileSync(join(folder, name), "utf8"));

test("two shards, one killed and started again, beside one process that does all", { timeout: 600_000 }, async () => {
  const [alone, shared] = [place(300), place(300)];
  for (const one of [alone, shared]) {
    const { code, said } = await plan(one, "--shards", "2");
    expect([code, said]).toEqual([0, expect.stringContaining("4 trials in")]);
  }
  const early = await started(["merge", shared.plan]);
  expect([early.code, early.said]).toEqual([75, expect.stringContaining("4 of 4 trials are missing")]);

  const whole = await started(["run", alone.plan]);
  expect([whole.code, whole.said]).toEqual([0, expect.stringContaining("4 of 4 trials finished.")]);

  const shard = (index: number) =>
    started(["run", shared.plan, "--shard", `${index}/2`, "--checkpoint-every", "0.1"], index === 1 ? kill : undefined);
  const kill: Parameters<typeof started>[1] = (child) => {
    const timer = setInterval(() => {
      // In the middle of its first trial: something was kept of it.
      const kept = readdirSync(shared.plan, { recursive: true }).some((name) => String(name).endsWith(".checkpoint"));
      if (!kept || child.exitCode !== null) return;
      clearInterval(timer);
      child.kill("SIGKILL");
    }, 20);
  };
  const [killed, second] = await Promise.all([shard(1), shard(2)]);
  expect(killed.signal).toBe("SIGKILL");
  expect([second.code, second.said]).toEqual([0, expect.stringContaining("2 of 2 trials finished.")]);
  const again = await started(["run", shared.plan]);
  expect([again.code, again.said]).toEqual([0, expect.stringContaining("4 of 4 trials finished.")]);
  expect(again.said.match(/was finished before/g)).toHaveLength(2);
  expect(again.said).toContain("from the checkpoint");

  for (const one of [alone, shared]) expect((await started(["merge", one.plan, "--tensorboard"])).code).toBe(0);
  expect(tables(shared)).toEqual(tables(alone));
  const lines = readFileSync(join(shared.plan, "results.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { label: string; seed: number });
  expect(lines.map(({ label, seed }) => `${label} ${seed}`)).toEqual(["W2 0", "W2 1", "W3 0", "W3 1"]);
  expect(readdirSync(join(shared.plan, "tensorboard"))).toHaveLength(4);
  expect(readdirSync(shared.plan)).not.toContain("checkpoints");
  expect(readdirSync(shared.plan, { recursive: true }).filter((name) => String(name).endsWith(".part"))).toEqual([]);
});

test("files that are not the planned ones, a plan over another, and a trial that fails are told of, with an exit code for each", {
  timeout: 300_000,
}, async () => {
  const own = place(2);
  expect((await plan(own)).code).toBe(0);
  // The same plan again is the same plan; another is not mixed with it.
  expect((await plan(own)).code).toBe(0);
  const other = await plan(own, "--seeds", "7");
  expect([other.code, other.said]).toEqual([2, expect.stringContaining("holds another plan")]);
  expect((await started(["run", own.plan, "--shard", "9/4"])).code).toBe(2);
  expect((await started(["run", own.plan, "--trial", "none"])).said).toContain("no trial none");
  expect((await started(["run", join(own.plan, "..")])).said).toContain("holds no plan.json");

  const model = readFileSync(own.model);
  writeFileSync(own.model, onnxBytes(resnet({ block: "basic", extent: 24 })));
  const changed = await started(["run", own.plan]);
  expect([changed.code, changed.said]).toEqual([2, expect.stringContaining("are not what was planned with")]);
  writeFileSync(own.model, model);

  // A network of the right hash that no trial can use: its images are of another size.
  const small = place(2);
  writeFileSync(small.model, onnxBytes(resnet({ block: "basic", extent: 24 })));
  expect((await plan(small)).code).toBe(0);
  const failed = await started(["run", small.plan]);
  expect([failed.code, failed.said]).toEqual([1, expect.stringContaining("4 trials failed")]);
  const merged = await started(["merge", small.plan]);
  expect([merged.code, merged.said]).toEqual([75, expect.stringMatching(/seed 0: Images of .* are 32x32, but the network takes 24x24/)]);

  // A trial that is another machine's is waited for, or, where one does not wait, left to it.
  const { trials } = JSON.parse(readFileSync(join(own.plan, "plan.json"), "utf8")) as { trials: { name: string }[] };
  const name = trials[0]?.name as string;
  mkdirSync(join(own.plan, "claims"), { recursive: true });
  const claim = join(own.plan, "claims", `${name}.1`);
  writeFileSync(claim, JSON.stringify({ id: "other", host: "elsewhere", process: 1 }));
  const busy = await started(["run", own.plan, "--no-wait"]);
  expect([busy.code, busy.said]).toEqual([75, expect.stringMatching(/3 of 4 trials finished\.[\s\S]*1 trials are at work elsewhere/)]);
  rmSync(claim);
  expect((await started(["run", own.plan])).said).toContain("4 of 4 trials finished");
});
