/** Cost models against sums by hand, and what they refuse. */
import { describe, expect, test } from "vitest";
import { partition } from "../../src/passes/partition";
import { arm } from "../../src/search/allocation/costs/arm";
import { bitops } from "../../src/search/allocation/costs/bitops";
import { costTerms, layerShapes } from "../../src/search/allocation/costs/cost";
import { FPGA_DEFAULTS, fpga } from "../../src/search/allocation/costs/fpga";
import { ownTable } from "../../src/search/allocation/costs/own";
import { size } from "../../src/search/allocation/costs/size";
import { planEntries } from "../../src/search/sensitivity/entries";
import { limitText, limitValue, parseLimit, uniformCost } from "../../src/session/search/limit";
import { builtin } from "../support/builtin";

const graph = builtin("shapes-resnet14");
const shapes = layerShapes(graph);
const conv = shapes.find(({ name }) => name.includes("layer1.0/conv1")) as (typeof shapes)[number];

describe("size and bit operations", () => {
  test("a 3x3 convolution of 16 to 16 channels on 32x32", () => {
    expect(conv).toMatchObject({ kind: "conv", parameters: 2304, macs: 2304 * 1024, input: [32, 32, 16], output: [32, 32, 16] });
    expect(size.cost(conv, 2, 32)).toBeCloseTo((2304 * 2) / 8e6, 12);
    expect(bitops.cost(conv, 4, 8)).toBeCloseTo((2304 * 1024 * 32) / 1e9, 12);
  });

  test("a network at uniform bits, first and last layer at 8", () => {
    const by = (bits: number) =>
      shapes.reduce((sum, { parameters }, i) => sum + (parameters * (i === 0 || i === shapes.length - 1 ? 8 : bits)) / 8e6, 0);
    const { table } = planEntries({ graph, segments: partition(graph, "block"), bits: [2, 4], weights: {}, activations: null });
    const [empty, terms] = [
      table(new Map()),
      costTerms(
        size,
        shapes,
        shapes.map(() => 32),
      ),
    ];
    expect(uniformCost(empty, terms, 3)).toBeCloseTo(by(3), 12);
    expect(limitValue(empty, terms, parseLimit("size=2bit+10%"))).toBeCloseTo(by(2) * 1.1, 12);
    expect(["size=0.1mb", "size=2bit+10%", "bitops=0.4G"].map((text) => limitText(parseLimit(text)))).toEqual([
      "size=0.1MB",
      "size=2bit+10%",
      "bitops=0.4GBOPs",
    ]);
    expect(parseLimit("latency:fpga=1.5ms")).toEqual({ cost: "latency:fpga", value: 1.5 });
    expect(() => parseLimit("size=0.1ms")).toThrow('Invalid limit "size=0.1ms": ms is no unit of size; expected one of MB, kB,');
    expect(() => parseLimit("size=100")).toThrow(
      'Invalid limit "size=100": 100 has no unit; expected one of MB, kB, B, GB, KiB, MiB, bytes, for example size=100MB.',
    );
    for (const [text, value] of [
      ["100 KB", 0.1],
      ["100kb", 0.1],
      ["97.65625KiB", 0.1],
      ["100000 B", 0.1],
      ["0.0001GB", 0.1],
    ] as const)
      expect(parseLimit(`size=${text}`).value).toBeCloseTo(value, 12);
    expect(parseLimit("latency:arm=1500us").value).toBeCloseTo(1.5, 12);
    expect(() => parseLimit("table=3ms")).toThrow(/expected a number alone/);
    expect(parseLimit("bitops=0.4G")).toEqual({ cost: "bitops", value: 0.4 });
  });
});

describe("modelled latencies", () => {
  test("fewer bits are never slower, and a convolution that computes gains four times from 8 to 2 bit where the array is full", () => {
    for (const model of [fpga(), arm])
      for (const shape of shapes)
        for (const [narrow, wide] of [
          [2, 4],
          [4, 8],
        ] as const)
          expect(model.cost(shape, narrow, 8), `${model.name} ${shape.name}`).toBeLessThanOrEqual(model.cost(shape, wide, 8));
    const fast = fpga({ ...FPGA_DEFAULTS, bandwidth: 1e9 });
    // 144 inputs over 16 rows: 9 passes at 8 bit; 144 over 64: 3 at 2 bit.
    expect(fast.cost(conv, 8, 8) / fast.cost(conv, 2, 8)).toBeCloseTo(3, 9);
    expect(fast.cost(conv, 8, 8)).toBeCloseTo((9 * 1024) / 200e3, 9);
  });

  test("with little bandwidth moving decides: weights at half the bits, activations as they are", () => {
    const slow = fpga({ ...FPGA_DEFAULTS, bandwidth: 1e-3 });
    const moved = 2 * 32 * 32 * 16;
    expect(slow.cost(conv, 8, 8) / slow.cost(conv, 4, 8)).toBeCloseTo((2304 + moved) / (1152 + moved), 9);
  });
});

describe("a table of one's own", () => {
  const csv = "layer,2,4,8\nlayer1.0/conv1,1,2,8\n";
  test("CSV and JSON; widths between are interpolated", () => {
    for (const text of [csv, '{"unit":"ms","layers":{"layer1.0/conv1":{"2":1,"4":2,"8":8}}}']) {
      const table = ownTable(text, "costs");
      expect([2, 3, 4, 6, 8].map((bits) => table.cost(conv, bits, 32))).toEqual([1, 1.5, 2, 5, 8]);
    }
  });

  for (const [what, text, message] of [
    ["a header without widths", "layer,two\nx,1", /costs: the first line must be "layer" and then widths/],
    ["a cost that is no number", "layer,2,4\nx,1,fast", /costs, line 2, 4 bit: "fast" is not a cost/],
    ["a short line", "layer,2,4\nx,1", /costs, line 2: 1 costs for 2 widths/],
    ["an empty cell", "layer,2,4\nx,1,", /costs, line 2, 4 bit: "" is not a cost/],
    ["a cost beyond all sums", "layer,2,4\nx,1,1e308", /costs, line 2, 4 bit: "1e308" is not a cost; expected a number from 0 to/],
    ["a layer with two lines", "layer,2,4\nx,1,2\n\nx,3,4", /costs, line 4: layer "x" has costs in a line above already/],
    ["a width with two columns", "layer,2,8,8\nx,1,2,3", /costs, line 1: duplicate bit width 8/],
    ["a quote that is never closed", 'layer,2,4\n"x,1,2', /costs, line 2: .*quote/i],
    ["broken JSON", "{", /costs is not JSON/],
    ["a negative cost", '{"layers":{"x":{"2":-1}}}', /costs: layers.x.2 is not valid/],
  ] as const)
    test(`${what} is refused`, () => expect(() => ownTable(text, "costs")).toThrow(message));

  test("a missing layer and a width beyond the table are refused by name", () => {
    const table = ownTable(csv, "costs");
    expect(() => table.cost(shapes[0] as (typeof shapes)[number], 2, 32)).toThrow(/costs has no costs for layer "conv1"; it names layer1.0\/conv1/);
    expect(() => ownTable("layer,4,8\nlayer1.0/conv1,1,2", "costs").cost(conv, 2, 32)).toThrow(
      /no cost of layer "layer1.0\/conv1" at 2 bit: it goes from 4 to 8 bit/,
    );
  });
});
