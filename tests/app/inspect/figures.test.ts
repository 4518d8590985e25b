/** What the figures of a layer are drawn from: counts, places, colours, and the files that they become. */
import { expect, test } from "vitest";
import { domainOf } from "../../../src/app/views/inspect/channel-bars";
import { gridEnds } from "../../../src/app/views/inspect/channels-tab";
import { moved } from "../../../src/app/views/inspect/figure";
import { csvOf, figureFile } from "../../../src/app/views/inspect/figure-file";
import { shares } from "../../../src/app/views/inspect/live-rounding";
import { mapColumns, rowRanges } from "../../../src/app/views/inspect/maps-tab";
import { plotOf } from "../../../src/app/views/inspect/plot";
import { colourOf, pixelsOf, pixelsOfPicture, rangeOfMaps, signedRange } from "../../../src/app/views/inspect/ramp";
import { flipMap, kernelPlace, shareUp } from "../../../src/app/views/inspect/rounding-tab";
import { levelCounts } from "../../../src/app/views/inspect/weights-tab";
import type { Flips, WeightsInspection } from "../../../src/session/inspect/inspection";

const WEIGHTS: WeightsInspection = {
  ...{ shape: [1, 1, 2, 3], bits: 1, scale: Float32Array.of(0.5, 0.25, 1), zero: Int32Array.of(0, 1, 2), count: 6 },
  ...{ low: Float32Array.of(-1, -1, -1), high: Float32Array.of(1, 1, 1) },
  // Two bins a level, from -1.5 to 2.5: one level on either side of the grid's two.
  full: { first: -1.5, width: 0.5, counts: Uint32Array.of(1, 0, 2, 0, 0, 1, 0, 2) },
  nearest: Uint32Array.of(3, 3),
  reconstructed: Uint32Array.of(2, 4),
  clipped: 3,
  sample: { index: Uint32Array.of(0), position: Float32Array.of(0), nearest: Int16Array.of(0), reconstructed: null },
  ...{ flips: null, sameGrid: true, bytes: { float: 24, quantized: 16 } },
};

const FLIPS: Flips = {
  ...{ total: 3, up: 2, far: 1, byChannel: Uint32Array.of(1, 2), each: 3 },
  byFraction: { weights: Uint32Array.of(4, 0, 2), up: Uint32Array.of(1, 0, 2) },
  // In the kernel's order, channels last.
  map: { channel: null, differences: Int8Array.of(1, 0, 0, -1, 0, 2) },
};

test("full precision is counted at the level that it is nearest to, beyond the ends at the ends", () => {
  expect(levelCounts(WEIGHTS)).toEqual([
    { level: 0, full: 3, nearest: 3, reconstructed: 2 },
    { level: 1, full: 3, nearest: 3, reconstructed: 4 },
  ]);
});

test("the grid's ends are its first and last level in each channel", () => {
  const { low, high } = gridEnds(WEIGHTS);
  expect([...low]).toEqual([0, -0.25, -2]);
  expect([...high]).toEqual([0.5, 0, -1]);
});

test("the share that was rounded up, and none where there are no weights", () => {
  expect(shareUp(FLIPS.byFraction)).toEqual([25, null, 100]);
});

test("flips are laid out as a row for each output channel; a channel alone is one row", () => {
  const map = flipMap(FLIPS);
  expect(map).toMatchObject({ rows: 2, columns: 3 });
  expect(Array.from({ length: 6 }, (_, i) => map?.at(i))).toEqual([1, 0, 0, 0, -1, 2]);
  const alone = flipMap({ ...FLIPS, map: { channel: 1, differences: Int8Array.of(0, -1, 2) } });
  expect(alone).toMatchObject({ rows: 1, columns: 3 });
  expect([alone?.channel(0), alone?.at(2)]).toEqual([1, 2]);
  expect(flipMap({ ...FLIPS, map: null })).toBeNull();
});

test("a place in a kernel is its row, column and input channel", () => {
  expect(kernelPlace([3, 2, 5, 7], 0)).toEqual([0, 0, 0]);
  expect(kernelPlace([3, 2, 5, 7], 2 * 10 + 1 * 5 + 4)).toEqual([2, 1, 4]);
  expect(kernelPlace([64, 10], 63)).toEqual([null, null, 63]);
});

test("the arrow keys read value by value and stop at the ends", () => {
  const reading = { count: 6, steps: [1, 3] as const };
  expect(moved("ArrowRight", null, reading)).toBe(0);
  expect(moved("ArrowLeft", null, reading)).toBe(5);
  expect(moved("ArrowRight", 5, reading)).toBe(5);
  expect(moved("ArrowDown", 1, reading)).toBe(4);
  expect(moved("ArrowUp", 1, reading)).toBe(1);
  expect([moved("Home", 3, reading), moved("End", 3, reading), moved("Tab", 3, reading)]).toEqual([0, 5, null]);
});

test("variables are shares of a sample", () => {
  expect(shares(Uint32Array.of(1, 0, 3))).toEqual([25, 0, 75]);
  expect(shares(new Uint32Array(2))).toEqual([0, 0]);
});

test("bars begin at 0, and spans where they begin", () => {
  expect(domainOf([{ name: "a", colour: "", values: [1, 2] }])).toEqual([0, 2.1]);
  expect(domainOf([{ name: "a", colour: "", values: [1, 2], from: [-4, 0] }])).toEqual([-4.2, 2.1]);
  expect(domainOf([{ name: "a", colour: "", values: [0, 0] }])).toEqual([0, 1]);
});

test("a plot's axes lie inside its frame, with room for the longest number", () => {
  const frame = { width: 400, height: 200, text: 13 };
  const { left, right, top, bottom, x, y, ticks } = plotOf(frame, [0, 3], [0, 20_000]);
  expect(left).toBeGreaterThan(13 * 0.6 * 5);
  expect([right < 400, top > 0, bottom < 200 - 2 * 13]).toEqual([true, true, true]);
  for (const [found, wanted] of [
    [x(0), left],
    [x(3), right],
    [y(0), bottom],
    [y(20_000), top],
  ] as const)
    expect(found).toBeCloseTo(wanted, 9);
  expect(ticks.y.length).toBeGreaterThanOrEqual(3);
});

test("one hue from least to most, and a second one for the other sign", () => {
  const range = rangeOfMaps([Float32Array.of(1, 3), Float32Array.of(2)]);
  expect(range).toEqual({ low: 1, high: 3, signed: false });
  expect([colourOf(1, range), colourOf(3, range)]).toEqual([
    [238, 242, 248],
    [18, 64, 143],
  ]);
  const signed = signedRange([Float32Array.of(-4, 1)]);
  expect(signed).toEqual({ low: -4, high: 4, signed: true });
  expect([colourOf(-4, signed), colourOf(0, signed), colourOf(4, signed)]).toEqual([
    [0, 120, 90],
    [250, 250, 250],
    [18, 64, 143],
  ]);
  expect([...pixelsOf(Float32Array.of(3), range)]).toEqual([18, 64, 143, 255]);
  expect(colourOf(0, signedRange([Float32Array.of(0)]))).toEqual([250, 250, 250]);
});

test("a picture's bytes become red, green, blue and alpha; grey ones three times the same", () => {
  expect([...pixelsOfPicture({ pixels: Uint8Array.of(1, 2, 3), channels: 3 })]).toEqual([1, 2, 3, 255]);
  expect([...pixelsOfPicture({ pixels: Uint8Array.of(7, 9), channels: 1 })]).toEqual([7, 7, 7, 255, 9, 9, 9, 255]);
});

test("a row of maps: versions share a scale, changes another; a reconstruction is measured against its own reference", () => {
  const of = (...values: number[]) => Float32Array.of(...values);
  const channel = { channel: 0, full: of(0, 1), nearest: of(0.5, 1), reconstructed: of(2, 9), reference: of(2, 8) };
  const columns = mapColumns(true);
  expect(columns.map((column) => [...column.values(channel)])).toEqual([
    [0, 1],
    [0.5, 1],
    [2, 9],
    [0.5, 0],
    [0, 1],
  ]);
  const [first, , third, fourth, fifth] = rowRanges(channel, columns);
  expect([first, third]).toEqual([
    { low: 0, high: 9, signed: false },
    { low: 0, high: 9, signed: false },
  ]);
  expect([fourth, fifth]).toEqual([
    { low: -1, high: 1, signed: true },
    { low: -1, high: 1, signed: true },
  ]);
  expect(mapColumns(false).map(({ id }) => id)).toEqual(["full", "nearest", "nearestChange"]);
});

test("CSV quotes what holds a comma or a quote, and leaves out what is not there", () => {
  expect(
    csvOf(
      ["a", 'b "c"'],
      [
        [1, null],
        ["x,y", 2],
      ],
    ),
  ).toBe('a,"b ""c"""\n1,\n"x,y",2\n');
});

test("a file has title, legend and drawing, in colours that any program knows, in rows that fit its width", () => {
  const keys = [
    { text: "Full & whole", colour: "var(--full)", mark: "bar" as const },
    { text: "Nearest", colour: "var(--nearest)", mark: "dash" as const },
    { text: "Reconstructed", colour: "var(--method)", mark: "dot" as const },
  ];
  const file = figureFile('<svg xmlns="http://www.w3.org/2000/svg"><path stroke="var(--line)"/></svg>', {
    title: "A < B",
    keys,
    width: 220,
    height: 100,
    text: 13,
  });
  expect(file).not.toContain("var(");
  expect(file).toContain("<title>A &lt; B</title>");
  expect(file).toContain("Full &amp; whole");
  expect(file).toMatch(/stroke-dasharray="4 3"/);
  const ys = [...file.matchAll(/<text x="[\d.]+" y="([\d.]+)">/g)].map(([, y]) => Number(y));
  expect(new Set(ys).size).toBeGreaterThan(1);
  expect(Number(/height="(\d+)"/.exec(file)?.[1])).toBeGreaterThan(Math.max(...ys));
});
