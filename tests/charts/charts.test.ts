/** Drawings that page and command line share. */
import { expect, test } from "vitest";
import { heatmapCsv, heatmapSvg } from "../../src/charts/heatmap";
import { sweepChart } from "../../src/charts/sweep";
import type { SensitivityTable } from "../../src/search/sensitivity/table";
import type { ResultRow } from "../../src/session/experiments/results";
import type { Sweep } from "../../src/session/experiments/sweep";
import { patched, patchOf } from "../../src/session/search/table-patch";

test("a heatmap of 200,000 cells is drawn, with its scale, its chosen cells framed and names escaped", () => {
  const columns = Array.from({ length: 200 }, (_, i) => `c${i}`);
  const rows = Array.from({ length: 1000 }, (_, i) => (i === 0 ? "<first>" : `r${i}`));
  const values = rows.map((_, i) => columns.map((_, j) => (i === 1 ? null : (i + 1) * (j + 1))));
  const svg = heatmapSvg({ title: "large", rows, columns, values, chosen: rows.map(() => 3) });
  expect(svg.includes("1.0 to 2.0e+5, logarithmic")).toBe(true);
  expect(svg.match(/stroke="#d55e00"/g)?.length).toBe(1001);
  expect(svg.includes("&lt;first") && !svg.includes("<first>")).toBe(true);
  expect(heatmapCsv({ title: "t", rows: ["a"], columns: ["x", "y"], values: [[1, null]] })).toBe("name,x,y\na,1,");
});

const row = (label: string, top1: number | null, agreement: number): ResultRow =>
  ({
    label,
    seeds: [0],
    top1: top1 === null ? null : { mean: top1, spread: null },
    agreement: { mean: agreement, spread: null },
  }) as unknown as ResultRow;

test("a sweep's chart shows top-1 where every row has labels, agreement otherwise, on page and command line alike", () => {
  const point = (label: string, cost: number) => ({ label, row: label, kind: "mixed" as const, cost, predictedLoss: 1 });
  const sweep = { cost: { name: "size", unit: "MB" }, points: [point("a", 1), point("b", 2)] } as unknown as Sweep;
  const labelled = sweepChart(sweep, [row("a", 80, 90), row("b", 85, 95)]);
  expect(labelled?.points).toBe(2);
  expect(labelled?.svg).toMatch(/>Top-1, %, against size, MB</);
  expect(labelled?.svg).toMatch(/a: 80\.00 %/);
  expect(sweepChart(sweep, [row("a", null, 90), row("b", null, 95)])?.svg).toMatch(/Agreement with full precision, %, against.*[\s\S]*a: 90\.00 %/);
  expect(sweepChart(sweep, [])).toBeNull();
});

test("what is new in a table is sent, and put in it gives the table", () => {
  const table = (value: number): SensitivityTable => ({
    bits: [2, 4],
    layers: [
      { name: "a", block: "x", losses: [1, value], fixed: null, hawq: [value, 0] },
      { name: "b", block: "x", losses: [3, 4], fixed: null, hawq: [0, 0] },
    ],
    pairs: [{ a: "a", b: "b", joint: value }],
    groups: [{ layers: ["a", "b", "c"], joint: value }],
    activationBits: [8],
    activations: [{ name: "a", readers: ["a"], block: "x", losses: [value], fixed: null }],
  });
  const patch = patchOf(table(0), table(7));
  expect(patch).toHaveLength(5);
  expect(patched(table(0), patch)).toEqual(table(7));
  expect(patchOf(table(7), table(7))).toEqual([]);
});
