/**
 * The seeded generator. A recipe's bits hang on its draws, so some are written down here: they were computed a second
 * time from the definition (sfc32 over a murmur3 hash of seed and purpose) in Python's integers, and a change of
 * any of them changes what every published recipe gives. The other tests hold what the draws promise whatever their
 * values: that streams are apart, and that integers and samples are uniform. Seeds are fixed, so nothing here can
 * fail by bad luck.
 */
import { describe, expect, test } from "vitest";
import { Random } from "../../src/base/random";

const times = <T>(count: number, draw: () => T): T[] => Array.from({ length: count }, draw);

/** Pearson's statistic of counts that should be equal. Its mean is the number of cells less one, its variance twice that. */
function chiSquare(counts: ArrayLike<number>): number {
  const values = Array.from(counts);
  const expected = values.reduce((sum, count) => sum + count, 0) / values.length;
  return values.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

/** How often each cell is drawn. */
function tally(cells: number, count: number, draw: (i: number) => number): number[] {
  const found = Array<number>(cells).fill(0);
  for (let i = 0; i < count; i++) {
    const cell = draw(i);
    found[cell] = (found[cell] as number) + 1;
  }
  return found;
}

/** Neither too uneven nor too even: four standard deviations either way. */
function expectUniform(counts: ArrayLike<number>): void {
  const free = counts.length - 1;
  expect(Math.abs(chiSquare(counts) - free)).toBeLessThan(4 * Math.sqrt(2 * free));
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [ma, mb] = [mean(a), mean(b)];
  const moment = (x: readonly number[], mx: number, y: readonly number[], my: number) =>
    x.reduce((sum, value, i) => sum + (value - mx) * ((y[i] as number) - my), 0);
  return moment(a, ma, b, mb) / Math.sqrt(moment(a, ma, a, ma) * moment(b, mb, b, mb));
}

describe("known answers", () => {
  test.each([
    [0, "", [929636595, 328694040, 2307282736, 2362745885]],
    [1, "", [1805261534, 3358722930, 3519628632, 3070763402]],
    [1, "batches", [738330640, 733902665, 4255719687, 2635695601]],
    [1, "search", [3981929957, 984681468, 3657110956, 3349342420]],
    [1, 7, [333850693, 1042654424, 1897149247, 2887464999]],
    [-1, "batches", [866777930, 751888498, 1756505716, 1972447103]],
  ] as const)("the first words of seed %d, stream %j", (seed, purpose, words) => {
    const random = new Random(seed, purpose);
    expect(times(4, () => random.uint32())).toEqual(words);
  });

  test("uniform numbers are the words over 2^32", () => {
    const random = new Random(1, "batches");
    expect(times(3, () => random.uniform())).toEqual([0.1719059981405735, 0.17087502987124026, 0.9908619539346546]);
  });

  test("numbers between two bounds", () => {
    const random = new Random(1, "batches");
    expect(times(3, () => random.between(-3, 5))).toEqual([-1.624752014875412, -1.632999761030078, 4.926895631477237]);
  });

  test("integers below ten, and below a bound that refuses words", () => {
    const random = new Random(1, "batches");
    expect(times(16, () => random.below(10)).join()).toBe("0,5,7,1,1,0,2,9,2,3,5,5,5,1,7,1");
    const wide = new Random(1, "batches");
    expect(times(4, () => wide.below(2 ** 31 + 1))).toEqual([738330640, 733902665, 536414691, 1539765390]);
  });

  test("a sample, where it is written, and what it leaves of its pool", () => {
    const pool = Int32Array.from({ length: 10 }, (_, i) => i);
    const out = new Int32Array(8).fill(-1);
    new Random(1, "batches").sample(pool, 5, out, 2);
    expect([...out]).toEqual([-1, -1, 0, 6, 9, 3, 7, -1]);
    expect([...pool]).toEqual([0, 6, 9, 3, 7, 5, 1, 4, 8, 2]);
  });

  test("seeds count modulo 2^32", () => {
    for (const seed of [-1, 5]) expect(new Random(seed + 2 ** 32, "a").uint32()).toBe(new Random(seed, "a").uint32());
  });
});

describe("streams", () => {
  const streams = [
    [1, "batches"],
    [2, "batches"],
    [1, "search"],
    [1, "batches/block1"],
    [1, "batches/block2"],
    [1, "setahctab"],
    [1, 0],
    [1, 1],
  ] as const;

  test("another seed or purpose is another sequence, without correlation", () => {
    const drawn = streams.map(([seed, purpose]) => {
      const random = new Random(seed, purpose);
      return times(4000, () => random.uniform());
    });
    for (const [i, a] of drawn.entries())
      for (const b of drawn.slice(i + 1)) {
        expect(a.filter((value, at) => value === b[at]).length).toBeLessThan(3);
        // Of independent draws it has a deviation of 1/sqrt(4000) = 0.016.
        expect(Math.abs(correlation(a, b))).toBeLessThan(0.065);
      }
  });

  test("the first draws of neighbouring seeds and of neighbouring streams are uniform too", () => {
    for (const first of [(i: number) => new Random(i, "search"), (i: number) => new Random(1, i)])
      expectUniform(tally(32, 8000, (i) => Math.floor(32 * first(i).uniform())));
  });

  test("one stream's draws do not move another's", () => {
    const [a, b] = [new Random(1, "a"), new Random(1, "b")];
    const alone = times(5, () => new Random(1, "b").uint32());
    times(100, () => a.uint32());
    expect(b.uint32()).toBe(alone[0]);
  });
});

describe("uniformity", () => {
  test("of uniform numbers, by value and by pairs of neighbours", () => {
    const random = new Random(11, "uniformity");
    const draws = times(128000, () => random.uniform());
    expect(draws.every((value) => value >= 0 && value < 1)).toBe(true);
    const cell = (i: number, cells: number) => Math.floor(cells * (draws[i] as number));
    expectUniform(tally(64, 128000, (i) => cell(i, 64)));
    expectUniform(tally(256, 64000, (i) => 16 * cell(2 * i, 16) + cell(2 * i + 1, 16)));
  });

  test("of the lowest bits", () => {
    const random = new Random(12, "uniformity");
    expectUniform(tally(64, 64000, () => random.uint32() & 63));
  });

  test("of integers, also where 2^32 is no multiple of the bound", () => {
    const random = new Random(13, "uniformity");
    for (const n of [2, 7, 10, 1000]) expectUniform(tally(n, 40 * n + 20000, () => random.below(n)));
    // A remainder alone would put half of all draws, not a third, into the lowest third.
    expectUniform(tally(3, 9000, () => Math.floor(random.below(3 * 2 ** 30) / 2 ** 30)));
  });

  test("of samples: all different, and each index at each place equally often", () => {
    const random = new Random(14, "uniformity");
    const pool = Int32Array.from({ length: 8 }, (_, i) => i);
    const samples = times(16000, () => {
      const out = new Int32Array(3);
      random.sample(pool, 3, out, 0);
      return out;
    });
    expect(samples.every((sample) => new Set(sample).size === 3)).toBe(true);
    for (const place of [0, 1, 2]) expectUniform(tally(8, samples.length, (i) => samples[i]?.[place] as number));
    expect([...pool].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });
});
