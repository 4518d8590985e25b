/** Charts with fixed data, as the files that people save: what is drawn is in git, and a change of it is seen there. */
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import { ChartFile } from "../../../src/app/charts/chart-file";
import { lossCsv } from "../../../src/app/charts/loss-chart";
import { type LossSeries, layOutLosses } from "../../../src/app/charts/loss-layout";
import { LossPicture } from "../../../src/app/charts/loss-picture";
import { reduceCurve } from "../../../src/app/charts/reduce";
import { runStyle, unitStyle } from "../../../src/app/charts/series-style";
import { standaloneSvg } from "../../../src/app/charts/standalone";

const FRAME = { width: 760, height: 360, text: 13 } as const;

const series = (count: number, iterations: number): LossSeries[] =>
  Array.from({ length: count }, (_, i) => ({
    key: `unit${i}`,
    label: `layer${i}`,
    style: unitStyle(i),
    curve: reduceCurve(
      Float32Array.from(
        { length: iterations },
        (_, k) => (2 / (i + 1)) * (0.05 + Math.exp((-6 * k) / iterations)) * (1 + 0.2 * Math.sin(k * (i + 2))),
      ),
      128,
    ),
    pinned: false,
  }));

function fileOf(shown: readonly LossSeries[], iterations: number, strong: string | null, hardening: number | null): string {
  return standaloneSvg(
    renderToStaticMarkup(
      <ChartFile title="Reconstruction loss" {...FRAME} legend={shown} marked={false}>
        <LossPicture
          layout={layOutLosses(shown, { ...FRAME, iterations })}
          series={shown}
          {...FRAME}
          axis={{ x: "iteration", y: "reconstruction loss, logarithmic" }}
          hardening={hardening === null ? null : { at: hardening, text: "hardening begins" }}
          strong={strong}
          cursor={null}
        />
      </ChartFile>,
    ).replaceAll("><", ">\n<"),
  );
}

test("losses of ten units, the fourth chosen, beside an earlier run's", async () => {
  const pinned: LossSeries = { ...(series(4, 500)[3] as LossSeries), key: "old", label: "an earlier run", style: { ...runStyle(1) }, pinned: true };
  const svg = fileOf([...series(10, 2000), pinned], 2000, "unit3", 401);
  expect(svg).not.toContain("var(");
  await expect(svg).toMatchFileSnapshot("pictures/losses.svg");
});

test("a run that has just begun, and one that diverged", async () => {
  await expect(fileOf(series(1, 3), 500, "unit0", 101)).toMatchFileSnapshot("pictures/losses-begun.svg");
  const diverged: LossSeries = { ...(series(1, 3)[0] as LossSeries), curve: reduceCurve([1, Number.POSITIVE_INFINITY, Number.NaN, 0, 2], 128) };
  const svg = fileOf([diverged], 500, null, null);
  expect(svg).not.toMatch(/NaN|Infinity/);
});

test("ten units differ in colour or dash, and runs in colour, dash and marker", () => {
  const looks = Array.from({ length: 25 }, (_, i) => unitStyle(i)).map(({ colour, dash }) => `${colour} ${dash}`);
  expect(new Set(looks).size).toBe(25);
  for (let i = 1; i < 20; i++) {
    const [one, next] = [runStyle(i - 1), runStyle(i)];
    expect(one.colour !== next.colour && one.dash !== next.dash && one.marker !== next.marker).toBe(true);
  }
});

test("a chart's values are taken away as they are drawn", () => {
  expect(lossCsv([{ label: 'a, "b"', curve: reduceCurve([4, 2, 1], 2) }])).toBe(
    'series,iteration,mean,least,greatest\n"a, ""b""",1.5,3,2,4\n"a, ""b""",3,1,1,1\n',
  );
});
