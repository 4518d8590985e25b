/** `--checkpoint` and `--resume`: a run that is killed or interrupted goes on, to the same bits. Fifty random moments: resume.verify.ts. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { InterruptedRun } from "../support/killed";

/** The files of the one run that is kept. */
const filesIn = (folder: string) => {
  const [run] = existsSync(folder) ? readdirSync(folder) : [];
  return run ? readdirSync(join(folder, run)).filter((name) => name.endsWith(".checkpoint")) : [];
};

test("killed when two units are done, and again in training, it ends with the result of a run that was let be, and leaves nothing", async () => {
  const straight = new InterruptedRun();
  expect((await straight.run([])).code).toBe(0);
  const killed = new InterruptedRun();
  for (const isTime of [
    (files: string[]) => files.includes("weights-001.checkpoint"),
    (files: string[]) => files.some((name) => /training/.test(name)),
  ]) {
    const { signal, said } = await killed.kept((child) => {
      const watch = setInterval(() => {
        if (isTime(filesIn(killed.checkpoints))) child.kill("SIGKILL");
      }, 2);
      child.on("close", () => clearInterval(watch));
    });
    expect([signal, said]).toEqual(["SIGKILL", expect.anything()]);
  }
  expect(killed.isReported).toBe(false);
  const refused = await killed.kept(undefined, false);
  expect(refused.code).toBe(2);
  expect(refused.said).toMatch(/holds checkpoints of this very run; add --resume to go on from them, or name another folder/);
  const { code, said } = await killed.kept();
  expect([code, said]).toEqual([0, expect.stringMatching(/layer1\.0: done before, from the checkpoint/)]);
  expect(killed.result()).toEqual(straight.result());
  expect(filesIn(killed.checkpoints)).toEqual([]);
});

test("SIGINT keeps the unit in training and says how to go on; --resume alone is refused", async () => {
  const straight = new InterruptedRun({ iterations: 200 });
  expect((await straight.run([])).code).toBe(0);
  const stopped = new InterruptedRun({ iterations: 200 });
  const { code, said } = await stopped.run(["--checkpoint", stopped.checkpoints], (child) => {
    const watch = setInterval(() => {
      if (!filesIn(stopped.checkpoints).includes("weights-000.checkpoint")) return;
      clearInterval(watch);
      setTimeout(() => child.kill("SIGINT"), 200);
    }, 2);
  });
  expect(code).toBe(1);
  expect(said).toMatch(/What is done is kept in .*; the same command with --resume goes on\./);
  const end = await stopped.kept();
  expect([end.code, end.said]).toEqual([0, expect.stringMatching(/goes on after \d+ iterations, from the checkpoint/)]);
  expect(stopped.result()).toEqual(straight.result());
  const alone = await straight.run(["--resume"]);
  expect([alone.code, alone.said]).toEqual([2, expect.stringMatching(/--resume needs --checkpoint DIR/)]);
});

test("an experiment that is killed within its second run goes on there, and ends with the runs of one that was let be", async () => {
  const straight = new InterruptedRun({ iterations: 40 });
  expect((await straight.compare()).code).toBe(0);
  const killed = new InterruptedRun({ iterations: 40 });
  const folder = join(killed.comparison, "checkpoints");
  const { signal } = await killed.compare((child) => {
    const watch = setInterval(() => {
      // The second, layer by layer, has more units than the first, block by block.
      if (filesIn(folder).includes("weights-009.checkpoint")) child.kill("SIGKILL");
    }, 2);
    child.on("close", () => clearInterval(watch));
  });
  expect(signal).toBe("SIGKILL");
  const { code, said } = await killed.compare();
  expect([code, said]).toEqual([0, expect.stringMatching(/done before, from the checkpoint/)]);
  expect(said).toMatch(/Skipped 1 finished runs/);
  expect(killed.runs()).toEqual(straight.runs());
  expect(existsSync(folder)).toBe(false);
});

test("a fit that is killed within its second candidate goes on there, without measuring again, and leaves nothing", async () => {
  const straight = new InterruptedRun({ iterations: 60 });
  const whole = await straight.fit();
  expect([0, 3]).toContain(whole.code);
  const killed = new InterruptedRun({ iterations: 60 });
  const runs = () => (existsSync(killed.checkpoints) ? readdirSync(killed.checkpoints).filter((name) => name !== "measurements") : []);
  const { signal } = await killed.fit((child) => {
    const watch = setInterval(() => {
      // Units that a candidate shares with the one before are not trained, so that each keeps others.
      const second = runs().length === 2 && runs().every((run) => readdirSync(join(killed.checkpoints, run)).length > 0);
      if (second) child.kill("SIGKILL");
    }, 2);
    child.on("close", () => clearInterval(watch));
  });
  expect(signal).toBe("SIGKILL");
  const measured = readdirSync(join(killed.checkpoints, "measurements"));
  expect(measured).toHaveLength(1);
  const { code, said } = await killed.fit();
  expect([code, said]).toEqual([whole.code, expect.stringMatching(/done before, from the checkpoint/)]);
  expect(killed.result()).toEqual(straight.result());
  expect(existsSync(killed.checkpoints)).toBe(false);
});
