/** The search over a table: optimal where it can be checked, within the limit always, right about interactions. */
import { describe, expect, test } from "vitest";
import { optimum, type ParetoFront, paretoFront } from "../../src/search/allocation/exact";
import { GENETIC_DEFAULTS, genetic } from "../../src/search/allocation/genetic";
import { greedy } from "../../src/search/allocation/greedy";
import { type CostTerm, costOf, type Problem, problemOf, type Solution, solutionOf } from "../../src/search/allocation/problem";
import { spearman } from "../../src/search/allocation/ranking";
import { TRADEOFF_DEFAULTS, tradeoff } from "../../src/search/allocation/tradeoff";
import { parseTable } from "../../src/search/sensitivity/parse-table";
import { Predictor, type SensitivityTable } from "../../src/search/sensitivity/table";
import { problemFor, realistic, separable, tableOf } from "../support/tables";

/** The best of all assignments. */
function enumerated(problem: Problem): number {
  let best = Number.POSITIVE_INFINITY;
  const assignment: number[] = [];
  const visit = (i: number) => {
    if (i === problem.choices.length) {
      const { cost, loss } = solutionOf(problem, assignment);
      if (cost <= problem.limit) best = Math.min(best, loss);
      return;
    }
    for (const bits of problem.choices[i] as readonly number[]) {
      assignment[i] = bits;
      visit(i + 1);
    }
  };
  visit(0);
  return best;
}

test("dynamic programming over blocks finds what enumeration finds", async () => {
  for (let seed = 0; seed < 20; seed++) {
    const problem = problemFor(seed, 8, 0.1 + 0.04 * seed);
    expect((await optimum(problem))?.loss).toBeCloseTo(enumerated(problem), 10);
  }
});

test("the genetic search finds the optimum of networks small enough to enumerate in at least 95 of 100 seeds", async () => {
  const problem = problemFor(3, 10);
  const best = enumerated(problem);
  let found = 0;
  for (let seed = 0; seed < 100; seed++) {
    const { loss, cost, history } = genetic(problem, { ...GENETIC_DEFAULTS, seed });
    expect(cost).toBeLessThanOrEqual(problem.limit);
    for (const { members } of history) for (const [own] of members) expect(own).toBeLessThanOrEqual(problem.limit);
    if (loss <= best * (1 + 1e-9)) found++;
  }
  console.log(`optimum found in ${found} of 100 seeds`);
  expect(found).toBeGreaterThanOrEqual(95);
});

test("costs whose sums are rounded keep a limit that they reach: tenths are searched like whole numbers", async () => {
  const table = tableOf(5, 34);
  const found: number[] = [];
  for (const unit of [1, 0.1, 1e-7]) {
    const own = table.layers.map(() => new Map([2, 4, 8].map((bits, i) => [bits, (i + 1) * unit])));
    const problem = problemOf(table, separable(own), 68 * unit, "units");
    const { loss, cost } = genetic(problem);
    expect(cost).toBeLessThanOrEqual(problem.limit);
    const best = await optimum(problem);
    expect(best?.cost).toBeLessThanOrEqual(problem.limit);
    expect(loss).toBeCloseTo(best?.loss as number, 10);
    found.push(loss);
  }
  for (const loss of found) expect(loss).toBeCloseTo(found[0] as number, 10);
});

test("on fifty layers it is within 1 % of the optimum", async () => {
  for (const share of [0.1, 0.3, 0.7]) {
    const problem = problemFor(11, 50, share);
    const { loss, cost, history } = genetic(problem);
    const best = (await optimum(problem))?.loss as number;
    console.log(`50 layers, share ${share}: ${((loss / best - 1) * 100).toFixed(2)} % above the optimum`);
    expect(loss).toBeLessThanOrEqual(best * 1.01);
    expect(cost).toBeLessThanOrEqual(problem.limit);
    expect(history).toHaveLength(101);
    expect(history.at(-1)?.best).toBeLessThanOrEqual(history[0]?.best as number);
    expect(greedy(problem)?.loss).toBeGreaterThanOrEqual(best - 1e-12);
  }
});

test("on tables as networks have them it finds the optimum mostly, and is never far from it", async () => {
  let [found, worst] = [0, 0];
  for (let seed = 0; seed < 40; seed++) {
    const { problem } = realistic(seed, 8);
    const best = (await optimum(problem))?.loss as number;
    const { loss, cost } = genetic(problem, { ...GENETIC_DEFAULTS, seed });
    expect(cost).toBeLessThanOrEqual(problem.limit);
    if (loss <= best + 1e-9 * Math.abs(best)) found++;
    worst = Math.max(worst, loss / best - 1);
  }
  console.log(`realistic tables: optimum in ${found} of 40, at worst ${(100 * worst).toFixed(1)} % above it`);
  expect(found).toBeGreaterThanOrEqual(34);
  expect(worst).toBeLessThan(0.1);
});

test("bits of activations: a layer costs what its weights and its input make together, and the optimum is enumeration's", async () => {
  for (let seed = 0; seed < 10; seed += 2) {
    const { problem } = realistic(seed, 2);
    expect(problem.choices).toHaveLength(8);
    expect((await optimum(problem))?.loss).toBeCloseTo(enumerated(problem), 12);
    const { assignment } = (await optimum(problem)) as { assignment: readonly number[] };
    expect(costOf(problem, assignment)).toBeLessThanOrEqual(problem.limit + 1e-9);
  }
});

test("the trade-off of three: every point is on the true front of a space small enough to enumerate, and most of it is found", async () => {
  const { table, problem } = realistic(1, 3);
  const size = problem.terms.map((term, i): CostTerm => ({ ...term, cost: (w) => (i + 1) * w }));
  const values = (assignment: readonly number[]) => [
    costOf(problem, assignment),
    costOf({ terms: size }, assignment),
    problem.predictor.loss(assignment),
  ];
  const everything = problem.choices
    .reduce<number[][]>((all, widths) => all.flatMap((one) => widths.map((bits) => [...one, bits])), [[]])
    .map(values);
  const beats = (a: readonly number[], b: readonly number[]) =>
    a.every((value, i) => value <= (b[i] as number) + 1e-12) && a.some((value, i) => value < (b[i] as number) - 1e-12);
  const front = everything.filter((one) => !everything.some((other) => beats(other, one)));
  const points = tradeoff(table, [problem.terms, size], { ...TRADEOFF_DEFAULTS, seed: 0 });
  const onFront = points.filter(({ assignment }) => !everything.some((other) => beats(other, values(assignment))));
  console.log(`trade-off: ${onFront.length} of ${points.length} points on the true front of ${front.length} among ${everything.length}`);
  expect(onFront.length).toBe(points.length);
  expect(points.length).toBeGreaterThanOrEqual(Math.min(front.length, TRADEOFF_DEFAULTS.population) * 0.9);
});

test("the same seed searches the same way", async () => {
  const problem = problemFor(5, 20);
  expect(genetic(problem).assignment).toEqual(genetic(problem).assignment);
});

test("off-diagonal terms: two layers that cancel are ranked rightly with them and wrongly without", async () => {
  const table: SensitivityTable = {
    bits: [2, 4],
    layers: ["a", "b", "c", "d"].map((name, i) => ({ name, block: i < 2 ? "x" : "y", losses: [i < 2 ? 1 : 0.6, 0.1], fixed: null })),
    pairs: [
      { a: "a", b: "b", joint: 0.3 },
      { a: "c", b: "d", joint: 1.2 },
    ],
    activationBits: [],
    activations: [],
  };
  const costs = table.layers.map(
    () =>
      new Map([
        [2, 2],
        [4, 4],
      ]),
  );
  const best = async (interactions: boolean) => (await optimum(problemOf(table, separable(costs), 12, "MB", interactions)))?.assignment;
  const [together, alone] = [await best(true), await best(false)];
  expect(together).toEqual([2, 2, 4, 4]);
  expect(alone).toEqual([4, 4, 2, 2]);
  const truth = new Predictor(table);
  expect(truth.loss(together as number[])).toBeLessThan(truth.loss(alone as number[]));
});

test("the front falls in loss as it rises in cost, and holds the optimum under every limit", async () => {
  const problem = problemFor(7, 12);
  const front = (await paretoFront(problem)) as ParetoFront;
  const { points } = front;
  expect(points.length).toBeGreaterThan(10);
  for (let i = 1; i < points.length; i++) {
    expect(points[i]?.[0]).toBeGreaterThan(points[i - 1]?.[0] as number);
    expect(points[i]?.[1]).toBeLessThan(points[i - 1]?.[1] as number);
  }
  for (const [cost, loss] of points.slice(0, 50)) {
    const found = front.within(cost) as Solution;
    expect(found.loss).toBeCloseTo(loss, 12);
    expect(costOf(problem, found.assignment)).toBeCloseTo(cost, 9);
  }
  expect(front.within((points[0]?.[0] as number) * 0.9)).toBeNull();
  expect(front.within(problem.limit)?.loss).toBeCloseTo((await optimum(problem))?.loss as number, 12);
});

test("three layers that matter only together are predicted from the group, and the optimum sees it", async () => {
  const names = ["a", "b", "c"];
  const layers = names.map((name) => ({ name, block: "block", losses: [1, 0.1], fixed: null }));
  const pairs = [
    { a: "a", b: "b", joint: 2 },
    { a: "a", b: "c", joint: 2 },
    { a: "b", b: "c", joint: 2.5 },
  ];
  const table = parseTable({ bits: [2, 8], layers, pairs, groups: [{ layers: names, joint: 9 }], activationBits: [], activations: [] }, "t");
  const predictor = new Predictor(table);
  expect(predictor.loss([2, 2, 2])).toBeCloseTo(9, 12);
  expect(predictor.loss([2, 2, 8])).toBeCloseTo(2.1, 12);
  expect(predictor.loss([8, 2, 2])).toBeCloseTo(2.6, 12);
  expect(predictor.loss([2, 2, 8]) + predictor.change([2, 2, 8], 2, 2)).toBeCloseTo(9, 12);
  expect(predictor.loss([2, 2, 2]) + predictor.change([2, 2, 2], 0, 8)).toBeCloseTo(2.6, 12);
  const terms = names.map((_, weights): CostTerm => ({ weights, inputs: [], cost: (bits) => bits }));
  expect((await optimum(problemOf(table, terms, 12, "bits")))?.loss).toBeCloseTo(2.1, 12);
});

test("a space that is too large is given up in words, and a search can be stopped", async () => {
  const { problem } = realistic(3, 8);
  const tied = { ...problem, choices: problem.choices.map(() => [2, 3, 4, 5, 6, 7, 8]), terms: tieAll(problem.terms) };
  expect(await paretoFront(tied)).toEqual({ tooLarge: expect.stringMatching(/bit widths depend on each other, in more than 65536 combinations/) });
  const stop = new Error("stopped");
  await expect(
    paretoFront(problemFor(11, 50), () => {
      throw stop;
    }),
  ).rejects.toBe(stop);
});

/** Terms whose costs tie all variables together. */
function tieAll(terms: readonly CostTerm[]): CostTerm[] {
  return terms.map((term) => ({ ...term, inputs: terms.map(({ weights }) => weights) }));
}

describe("what cannot be searched", () => {
  test("a limit below the cheapest assignment names that cost", async () => {
    const table = tableOf(1, 3);
    const costs = table.layers.map(() => new Map(table.bits.map((bits) => [bits, bits * 0.5])));
    expect(() => problemOf(table, separable(costs), 2.5, "MB")).toThrow(
      "No assignment costs at most 2.5 MB: the cheapest, everything at its narrowest, costs 3 MB.",
    );
  });

  test("a table that contradicts itself is refused by name", async () => {
    const table = tableOf(1, 2);
    const bad = { ...table, layers: [{ ...table.layers[0], losses: [1] }, table.layers[1]] };
    expect(() => parseTable(bad, "table.json")).toThrow('table.json: layer "l0" has 1 losses; expected one for each of 3 widths.');
    expect(() => parseTable({ ...table, bits: [1] }, "table.json")).toThrow(/table.json: bits.0 is not valid/);
    expect(parseTable(JSON.parse(JSON.stringify(table)), "table.json")).toEqual(table);
  });
});

test("Spearman's correlation, with ties at their mean rank", async () => {
  expect(spearman([1, 2, 3, 4], [10, 20, 30, 40])).toBe(1);
  expect(spearman([1, 2, 3, 4], [4, 3, 2, 1])).toBe(-1);
  expect(spearman([1, 2, 2, 3], [1, 2, 3, 4])).toBeCloseTo(0.9487, 4);
});
