/**
 * 800 damaged and hostile ONNX files from a seed (tests/support/onnx/hostile.ts), made of the corpus: each is read, or refused
 * in a sentence that names the file, within 2 s and 500 MB.
 */
import { readdirSync, readFileSync } from "node:fs";
import { fromBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema } from "onnx-buf";
import { expect, test } from "vitest";
import { Random } from "../../src/base/random";
import { readModel } from "../../src/formats";
import { prepare } from "../../src/passes/prepare";
import { attempt } from "../support/limits";
import { damagedBytes, damagedGraph, GRAPH_DAMAGES } from "../support/onnx/hostile";

const CORPUS = new URL("corpus/", import.meta.url);
const NAME = "hostile.onnx";
const FILES = readdirSync(CORPUS)
  .filter((name) => name.endsWith(".onnx"))
  .map((name) => new Uint8Array(readFileSync(new URL(name, CORPUS))));

async function faultsOf(
  count: number,
  make: (i: number, random: Random) => Uint8Array,
  seed: string,
): Promise<{ faults: string[]; refused: number }> {
  const random = new Random(14, seed);
  const faults: string[] = [];
  let refused = 0;
  for (let i = 0; i < count; i++) {
    const bytes = make(i, random);
    const outcome = await attempt(NAME, async () => prepare(await readModel([{ path: NAME, bytes }], { inputSize: [64, 64] })));
    if (outcome.refused) refused++;
    if (outcome.fault) faults.push(`${i}: ${outcome.fault}`);
  }
  return { faults, refused };
}

const any = (random: Random) => FILES[random.below(FILES.length)] as Uint8Array;

test("200 files cut off, flipped, overwritten", async () => {
  const { faults, refused } = await faultsOf(200, (_, random) => damagedBytes(any(random), random), "bytes");
  expect(faults).toEqual([]);
  expect(refused).toBeGreaterThan(50);
});

test.each(Object.entries(GRAPH_DAMAGES))("18 files with %s", async (title, damage) => {
  const { faults } = await faultsOf(18, (_, random) => damagedGraph(fromBinary(ModelProtoSchema, any(random)), damage, random), title);
  expect(faults).toEqual([]);
});
