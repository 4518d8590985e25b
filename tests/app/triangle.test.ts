/** The triangle of sensitivity: where cells lie, what they are worth, and the blocks' borders. */
import { expect, test } from "vitest";
import { slotsOf } from "../../src/app/views/precision/slots";
import { triangleOf } from "../../src/app/views/precision/triangle";
import type { SensitivityTable } from "../../src/search/sensitivity/table";

const slots = ["a", "b", "c"].map((layer, i) => ({ layer, name: layer, unit: "u", left: 20 * i, right: 20 * i + 20 }));
const table: SensitivityTable = {
  bits: [2, 4],
  activationBits: [],
  activations: [],
  layers: [
    { name: "a", block: "one", losses: [0.1, 0.01], fixed: null },
    { name: "b", block: "one", losses: [0.2, 0.02], fixed: null },
    { name: "c", block: "two", losses: [0.001], fixed: 8 },
  ],
  pairs: [{ a: "a", b: "b", joint: 0.25 }],
};

test("layers lie on the edge, a pair where its diagonals meet, and nothing between blocks", () => {
  const { cells, borders, depth, cancels, high } = triangleOf(table, slots, 2);
  expect(cells.map(({ kind, layers }) => [kind, layers.join()])).toEqual([
    ["layer", "a"],
    ["layer", "b"],
    ["layer", "c"],
    ["pair", "a,b"],
  ]);
  const pair = cells.at(-1);
  // The middle of a is at 10, of b at 30: their diagonals meet at 20, 10 below the edge.
  const middle = pair?.points.reduce(([x, y], [px, py]) => [x + px / 4, y + py / 4], [0, 0]);
  expect(middle).toEqual([20, 10]);
  expect(pair?.value).toBeCloseTo(-0.05);
  expect(cancels).toBe(true);
  expect(cells[0]?.points).toEqual([
    [0, 0],
    [10, 10],
    [20, 0],
  ]);
  expect(borders).toEqual([
    {
      block: "one",
      points: [
        [0, 0],
        [20, 20],
        [40, 0],
      ],
    },
    {
      block: "two",
      points: [
        [40, 0],
        [50, 10],
        [60, 0],
      ],
    },
  ]);
  expect([depth, high]).toEqual([20, 0.2]);
  expect(cells.find(({ value }) => value === 0.2)?.share).toBe(1);
});

test("another width shows its own losses, and a fixed layer the one that it has", () => {
  const at = triangleOf(table, slots, 4);
  expect(at.cells.filter(({ kind }) => kind === "layer").map(({ value }) => value)).toEqual([0.01, 0.02, 0.001]);
});

test("layers of 160 share their columns edge to edge", () => {
  const unit = { name: "u", layers: Array.from({ length: 160 }, (_, i) => ({ id: `${i}`, name: `${i}` })) };
  const span = { column: { index: 0, unit, placed: {}, start: 0, share: 1 }, left: 10, width: 800, middle: 410 };
  const many = slotsOf([span as never]);
  expect(many).toHaveLength(160);
  for (const [i, slot] of many.entries()) expect(slot.left).toBeCloseTo(i === 0 ? 10 : (many[i - 1]?.right as number));
  expect(many.at(-1)?.right).toBeCloseTo(810);
});
