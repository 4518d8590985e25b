/** Of many that ask for the same at the same time one gets it; who is gone keeps nothing from others. */
import { mkdtempSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Claims } from "../../src/node/claims";

const folder = () => mkdtempSync(join(tmpdir(), "brecq-claims-"));
const has = (taken: Awaited<ReturnType<Claims["take"]>>) => "release" in taken;

test("one of twenty gets it, the others hear who has it; released, it is the next one's", async () => {
  const place = folder();
  for (let round = 0; round < 20; round++) {
    const taken = await Promise.all(Array.from({ length: 20 }, () => new Claims(place).take("trial")));
    const [winner, ...more] = taken.filter((one) => "release" in one);
    expect(more).toEqual([]);
    for (const one of taken) if ("owner" in one && one.owner) expect(one.owner.host).toBe(hostname());
    await winner?.release();
  }
  expect(readdirSync(place)).toEqual([]);
});

test("a claim of a process that is gone, or that was not touched for long, is taken by one", async () => {
  const place = folder();
  const owner = (host: string, process: number) => JSON.stringify({ id: "other", host, process });
  // Process numbers end far below.
  writeFileSync(join(place, "gone.1"), owner(hostname(), 2 ** 30));
  writeFileSync(join(place, "old.3"), owner("elsewhere", 1));
  writeFileSync(join(place, "fresh.1"), owner("elsewhere", 1));
  writeFileSync(join(place, "torn.1"), "");
  const past = new Date(Date.now() - 120_000);
  utimesSync(join(place, "old.3"), past, past);
  for (const name of ["gone", "old"]) {
    const taken = await Promise.all(Array.from({ length: 10 }, () => new Claims(place).take(name)));
    expect(taken.filter(has)).toHaveLength(1);
  }
  for (const name of ["fresh", "torn"]) expect(has(await new Claims(place).take(name))).toBe(false);
});

test("names that begin alike are apart", async () => {
  const claims = new Claims(folder());
  expect(has(await claims.take("ab"))).toBe(true);
  expect(has(await claims.take("ab.1"))).toBe(true);
  expect(has(await claims.take("a"))).toBe(true);
  expect(has(await claims.take("ab"))).toBe(false);
});
