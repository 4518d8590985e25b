/** The command line killed at fifty random moments, several times in a run, until it ends: the result is that of a run that was let be. */
import { expect, test } from "vitest";
import { Random } from "../../src/base/random";
import { InterruptedRun } from "../support/killed";

const KILLS = 50;

test(`${KILLS} times SIGKILL at random moments: no result lost, none changed`, { timeout: 1_800_000 }, async () => {
  const random = new Random(16, "kills");
  const straight = new InterruptedRun();
  const { milliseconds } = await straight.run([]);
  let kills = 0;
  let runs = 0;
  while (kills < KILLS) {
    const killed = new InterruptedRun();
    runs++;
    for (let left = 3; ; left--) {
      const moment = random.uniform() * milliseconds;
      const { code, signal, said } = await killed.kept((child) => {
        if (left > 0) setTimeout(() => child.kill("SIGKILL"), moment);
      });
      if (signal === "SIGKILL") kills++;
      else expect([code, said]).toEqual([0, expect.anything()]);
      if (code === 0) break;
    }
    expect(killed.result()).toEqual(straight.result());
  }
  console.log(`${kills} kills in ${runs} runs`);
});
