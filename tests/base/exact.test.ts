/**
 * The lab's own logarithm and exponential: near Math.log and Math.exp, and the same bits wherever they run. The first is
 * held by bounds in units of the last place, over all sizes of argument; the second by hashes of results. They are made
 * of + - * / alone, which IEEE 754 rounds in one way only, so that a hash may stand here: if one changes, so do the
 * roundings of every recipe. Arguments are draws of the seeded generator times powers of two, which are exact.
 */
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { log } from "../../src/base/log";
import { exp } from "../../src/base/normal";
import { Random } from "../../src/base/random";

/** How many doubles lie from one to the other. */
function ulps(a: number, b: number): number {
  const [x, y] = new BigInt64Array(Float64Array.of(a, b).buffer) as unknown as [bigint, bigint];
  return Math.abs(Number(x - y));
}

function bits(values: readonly number[]): string {
  return createHash("sha256")
    .update(new Uint8Array(Float64Array.from(values).buffer))
    .digest("hex")
    .slice(0, 16);
}

/** Draws of every binary order of magnitude that normal doubles have. */
function allMagnitudes(each: number): number[] {
  const random = new Random(3, "exact");
  return Array.from({ length: 2046 * each }, (_, i) => (1 + random.uniform()) * 2 ** (Math.floor(i / each) - 1022));
}

/** Draws around 1, nearer and nearer, where a logarithm loses its digits if it is written without care. */
function aroundOne(): number[] {
  const random = new Random(4, "exact");
  return Array.from({ length: 10400 }, (_, i) => 1 + random.between(-0.5, 0.5) * 2 ** -(i % 52)).filter((x) => x !== 1);
}

/** Draws in -scale..scale. */
function within(scale: number, count: number): number[] {
  const random = new Random(5, `exact ${scale}`);
  return Array.from({ length: count }, () => random.between(-scale, scale));
}

describe("log", () => {
  test("is within 4 units of the last place of Math.log, for all magnitudes and around 1", () => {
    for (const x of [...allMagnitudes(10), ...aroundOne()]) {
      const distance = ulps(log(x), Math.log(x));
      if (distance > 4) expect(distance, `log(${x})`).toBeLessThanOrEqual(4);
    }
  });

  test("has these bits", () => {
    expect(bits(allMagnitudes(10).map(log))).toMatchInlineSnapshot(`"44f663880b50cf0d"`);
    expect(bits(aroundOne().map(log))).toMatchInlineSnapshot(`"eff488d3b94f4ba4"`);
    expect([0.5, 0.1, 2, 3, 10, 1.1 / 0.2, 1 - 2 ** -53, 1 + 2 ** -52].map(log)).toMatchInlineSnapshot(`
      [
        -0.6931471805599453,
        -2.3025850929940455,
        0.6931471805599453,
        1.0986122886681096,
        2.3025850929940455,
        1.7047480922384253,
        -1.1102230246251565e-16,
        2.220446049250313e-16,
      ]
    `);
  });

  test("of 1 is 0 exactly, and of a power of two that many times ln 2", () => {
    expect(log(1)).toBe(0);
    for (let e = -1022; e < 1024; e++) expect(log(2 ** e)).toBe(e * Math.LN2);
  });

  test("at the ends of what it is defined for", () => {
    expect(log(Number.MAX_VALUE)).toBe(Math.log(Number.MAX_VALUE));
    expect(log(2 ** -1022)).toBe(Math.log(2 ** -1022));
    expect(log(0)).toBe(Number.NEGATIVE_INFINITY);
    expect(log(-0)).toBe(Number.NEGATIVE_INFINITY);
    for (const x of [-1, -(2 ** -1074), Number.NEGATIVE_INFINITY, Number.NaN]) expect(log(x)).toBeNaN();
  });

  test("rises from each double to the next as far as its last place allows", () => {
    const sorted = [...allMagnitudes(10), ...aroundOne()].sort((a, b) => a - b).map(log);
    for (const [i, value] of sorted.slice(1).entries()) {
      const before = sorted[i] as number;
      if (value < before) expect(ulps(value, before)).toBeLessThanOrEqual(6);
    }
  });
});

describe("exp", () => {
  const SCALES = [2 ** -40, 0.125, 1, 8, 64, 700] as const;

  // Each halving of the argument is a squaring of the result, which doubles its relative error: it grows with |x|.
  test.each(SCALES)("is within (8 + 80 |x|) 2^-53 of Math.exp, relatively, for arguments in +-%d", (scale) => {
    for (const x of within(scale, 4000)) {
      const error = Math.abs(exp(x) / Math.exp(x) - 1);
      const bound = (8 + 80 * Math.abs(x)) * 2 ** -53;
      if (!(error <= bound)) expect(error, `exp(${x})`).toBeLessThanOrEqual(bound);
    }
  });

  test("has these bits", () => {
    expect(SCALES.map((scale) => bits(within(scale, 4000).map(exp)))).toMatchInlineSnapshot(`
      [
        "36efec942e64286b",
        "1f80ed6b82384282",
        "0ab028a0348dbc7a",
        "c71bc27f75f22451",
        "89cbb000c3b452cc",
        "dbe9a73c6952058f",
      ]
    `);
    expect([-20, -1, -1e-9, 0.1, 1, 12.25, 80].map(exp)).toMatchInlineSnapshot(`
      [
        2.0611536224384805e-9,
        0.36787944117144167,
        0.999999999,
        1.1051709180756473,
        2.718281828459041,
        208981.28886970977,
        5.540622384393478e+34,
      ]
    `);
  });

  test("of 0 is 1 exactly, and beyond what a double holds 0 and infinity", () => {
    expect(exp(0)).toBe(1);
    expect(exp(-0)).toBe(1);
    expect(exp(-700.0001)).toBe(0);
    expect(exp(Number.NEGATIVE_INFINITY)).toBe(0);
    expect(exp(-700)).toBeGreaterThan(0);
    expect(exp(709)).toBeLessThan(Number.POSITIVE_INFINITY);
    expect(exp(710)).toBe(Number.POSITIVE_INFINITY);
    expect(exp(Number.NaN)).toBeNaN();
  });

  test("undoes log", () => {
    for (const x of allMagnitudes(1).filter((value) => value > 1e-300 && value < 1e300)) expect(Math.abs(exp(log(x)) / x - 1)).toBeLessThan(1e-11);
  });
});
