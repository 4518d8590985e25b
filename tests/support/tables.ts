/** Sensitivity tables and costs that were drawn instead of measured. */
import { Random } from "../../src/base/random";
import { type CostTerm, costOf, type Problem, problemOf } from "../../src/search/allocation/problem";
import type { SensitivityTable } from "../../src/search/sensitivity/table";

/** A table such as networks have: losses that fall with the width by about a power of four, pairs within blocks. */
export function tableOf(seed: number, count: number, bits: number[] = [2, 4, 8]): SensitivityTable {
  const random = new Random(seed, "table");
  const layers = Array.from({ length: count }, (_, i) => {
    const size = 4 ** random.between(-3, 1);
    return { name: `l${i}`, block: `b${i >> 1}`, losses: bits.map((b) => size * 4 ** -(b - 2) * random.between(0.7, 1.4)), fixed: null };
  });
  const pairs = [];
  for (let i = 0; i + 1 < count; i += 2) {
    const [a, b] = [layers[i] as (typeof layers)[number], layers[i + 1] as (typeof layers)[number]];
    pairs.push({ a: a.name, b: b.name, joint: ((a.losses[0] as number) + (b.losses[0] as number)) * random.between(0.6, 1.8) });
  }
  return { bits, layers, pairs, activationBits: [], activations: [] };
}

export function problemFor(seed: number, count: number, share = 0.5, interactions = true): Problem {
  const table = tableOf(seed, count);
  const random = new Random(seed, "costs");
  const costs = table.layers.map(() => {
    const size = random.between(0.2, 3);
    return new Map(table.bits.map((bits) => [bits, size * bits]));
  });
  const sum = (bits: number) => costs.reduce((total, own) => total + (own.get(bits) as number), 0);
  return problemOf(table, separable(costs), sum(2) + share * (sum(8) - sum(2)) * 0.5, "MB", interactions);
}

/** Costs of weights alone, one term a layer. */
export function separable(costs: readonly ReadonlyMap<number, number>[]): CostTerm[] {
  return costs.map((own, weights) => ({ weights, inputs: [], cost: (bits) => own.get(bits) as number }));
}

/** A table as networks have measured: most weights in few layers, losses that have nothing to do with sizes, noisy pairs, bits of activations. */
export function realistic(seed: number, blocks: number): { problem: Problem; table: SensitivityTable } {
  const random = new Random(seed, "realistic");
  const [bits, activationBits] = [[2, 3, 4, 8], seed % 2 ? [] : [4, 8]];
  const layers = Array.from({ length: 2 * blocks }, (_, i) => {
    const size = 10 ** random.between(-4, -1);
    return { name: `l${i}`, block: `b${i >> 1}`, losses: bits.map((b) => size * 4 ** -(b - 2) * random.between(0.4, 2.5)), fixed: null };
  });
  const pairs = Array.from({ length: blocks }, (_, i) => {
    const [a, b] = [layers[2 * i] as (typeof layers)[number], layers[2 * i + 1] as (typeof layers)[number]];
    return { a: a.name, b: b.name, joint: ((a.losses[0] as number) + (b.losses[0] as number)) * random.between(0.3, 2) };
  });
  const activations = activationBits.length
    ? layers.map(({ name, block }) => ({
        ...{ name, block, readers: [name], fixed: null },
        losses: activationBits.map((b) => 10 ** random.between(-4, -2) * 4 ** -(b - 4)),
      }))
    : [];
  const table = { bits, layers, pairs, activationBits, activations };
  const terms = layers.map(
    (_, i): CostTerm => ({
      weights: i,
      inputs: activations.length ? [layers.length + i] : [],
      cost: (w, a) => 4 ** Math.floor((3 * i) / layers.length) * w * (a || 8),
    }),
  );
  const all = (b: number) => costOf({ terms }, [...layers.map(() => b), ...activations.map(() => (b < 4 ? 4 : 8))]);
  return { table, problem: problemOf(table, terms, all(2) + random.between(0.05, 0.4) * (all(8) - all(2)), "GBOPs") };
}
