/** Which candidates a fit tries: on a made-up front, where what each loses after reconstruction is known. */
import { expect, test } from "vitest";
import { layersOf } from "../../src/graph/queries";
import type { SensitivityTable } from "../../src/search/sensitivity/table";
import { Frontier } from "../../src/session/fit/frontier";
import type { TriedCandidate } from "../../src/session/fit/state";
import { bestOf, candidatesWithin, nextWithin } from "../../src/session/fit/strategy";
import { builtin } from "../support/builtin";

const graph = builtin("shapes-resnet14");
const BITS = [2, 3, 4, 6, 8];

/** Losses fall by four with each bit, from more in later layers. */
const table: SensitivityTable = {
  bits: BITS,
  activationBits: [],
  activations: [],
  pairs: [],
  layers: layersOf(graph).map(({ name }, i, { length }) => {
    const fixed = i === 0 || i === length - 1 ? 8 : null;
    const losses = (fixed ? [8] : BITS).map((bits) => 0.01 * (1 + (i % 5)) * 4 ** (2 - bits));
    return { name, block: name, losses, fixed };
  }),
};
const frontier = await Frontier.of({ graph, table, weights: { granularity: "channel", symmetric: false }, seed: 0 });

/** Runs the strategy against a truth: points lost by predicted loss. */
function play(points: number, lostBy: (predicted: number) => number, most = 5): TriedCandidate[] {
  const tried: TriedCandidate[] = [];
  for (;;) {
    const next = nextWithin(frontier, points, tried, most);
    if (!next) return tried;
    const quantized = lostBy(next.predictedLoss);
    const accuracy = { top1: 95 - quantized, agreement: 100 - quantized, images: 100 };
    tried.push({
      ...next,
      measured: { accuracy, lost: { quantized, nearest: 2 * quantized }, meets: quantized <= points, seconds: 1, reused: [0, 1], rounding: "" },
    });
    if (tried.length > most) throw new Error("too many tries");
  }
}

test("the front's ends are uniform widths, it has what lies between, and both ways to ask agree", () => {
  const { smallest, largest, points } = frontier;
  const uniform = frontier.uniform();
  expect(smallest.size).toBe(uniform[0]?.size);
  expect(largest.size).toBe(uniform.at(-1)?.size);
  expect(points?.length).toBeGreaterThan(100);
  expect(frontier.within(smallest.size - 1)).toBeNull();
  const middle = frontier.within(80000);
  expect(middle?.size).toBeLessThanOrEqual(80000);
  expect(frontier.cheapest(middle?.predictedLoss as number).size).toBe(middle?.size);
  // No uniform width beats the front at its own size.
  for (const { size, predictedLoss } of uniform) expect(frontier.within(size)?.predictedLoss).toBeLessThanOrEqual(predictedLoss + 1e-12);
});

test("under a size: what was searched for, and uniform bits where they are predicted to be about as good", () => {
  const [mixed, beside] = candidatesWithin(frontier, 75000, 5) ?? [];
  expect(mixed?.kind).toBe("mixed");
  expect(beside).toMatchObject({ kind: "uniform", bits: 3 });
  expect(candidatesWithin(frontier, 75000, 1)).toHaveLength(1);
  expect(candidatesWithin(frontier, frontier.smallest.size, 5)).toMatchObject([{ kind: "uniform", bits: 2 }]);
  expect(candidatesWithin(frontier, frontier.smallest.size - 1, 5)).toBeNull();
});

test.each([
  ["in proportion", (predicted: number) => 20 * predicted],
  ["as its root", (predicted: number) => 5 * Math.sqrt(predicted)],
  ["as its square", (predicted: number) => 40 * predicted ** 2],
] as const)("within a loss that grows %s it ends near the smallest network that keeps it", (_name, lostBy) => {
  for (const points of [0.1, 0.5, 1, 2]) {
    const tried = play(points, lostBy);
    const best = tried[bestOf(tried, "loss") ?? -1];
    const truth = frontier.points?.find(([, predicted]) => lostBy(predicted) <= points)?.[0] as number;
    expect(best?.measured?.meets).toBe(true);
    expect((best?.size as number) / truth).toBeLessThan(1.15);
    expect(new Set(tried.map(({ size }) => size)).size).toBe(tried.length);
  }
});

test("where the narrowest keeps the goal one try is enough; where nothing does, the widest is tried before giving up", () => {
  expect(play(5, () => 1)).toMatchObject([{ kind: "uniform", bits: 2 }]);
  const hopeless = play(1, () => 3);
  expect(hopeless).toHaveLength(5);
  expect(hopeless.at(-1)).toMatchObject({ kind: "uniform", bits: 8 });
  expect(play(1, () => 3, 1)).toHaveLength(1);
});
