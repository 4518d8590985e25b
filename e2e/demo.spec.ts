/** The demo, as a first visitor uses it. */

import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "@playwright/test";
import { demoRecipe } from "../src/session/recipe/defaults";
import { parseRecipe } from "../src/session/recipe/schema";
import { writeLink } from "../src/session/share/link";
import { sharedRecipe } from "../src/session/share/shared";
import { accuracyOf, cli, openLab, runToEnd, setEffort, status, taken } from "./support";

test("one click runs the demo; the page stays responsive; the link reproduces in another profile and in Node", async ({ page, browser }, info) => {
  await openLab(page);
  await expect(page.getByText(/^Needs about \d+ MiB of memory/)).toBeVisible();
  await setEffort(page, 30, 0.5);
  await page.getByLabel("Memory, MiB").fill("160");
  await page.evaluate(() => {
    const tasks: number[] = [];
    Object.assign(globalThis, { longTasks: tasks });
    new PerformanceObserver((list) => tasks.push(...list.getEntries().map((entry) => entry.duration))).observe({ entryTypes: ["longtask"] });
  });
  await runToEnd(page);
  const longest = await page.evaluate(() => Math.max(0, ...(globalThis as unknown as { longTasks: number[] }).longTasks));
  // Ten times what a machine that does nothing else shows: the page answers, whatever runs beside it.
  expect(longest).toBeLessThan(1000);

  await expect(page.getByText(/of a budget of 160 MiB; \d+ MiB of them are kept on the host and streamed/)).toBeVisible();

  const full = await accuracyOf(page, "fullPrecision");
  expect(full).toBeGreaterThanOrEqual(90);
  expect(full).toBeLessThanOrEqual(97);
  expect(await accuracyOf(page, "nearest")).toBeLessThan(full - 20);
  expect(await accuracyOf(page, "quantized")).toBeGreaterThan((await accuracyOf(page, "nearest")) + 10);
  await expect(page.locator("figure.chart[data-points='210']")).toHaveCount(2);
  await expect(page.locator("figure.chart").first().locator("path.recharts-line-curve")).toHaveCount(7);
  await expect(page.locator(".sample")).toHaveCount(12);
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);

  await page.getByRole("button", { name: "Share" }).click();
  const link = await page.getByTestId("link").inputValue();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(link);

  const other = await (await browser.newContext()).newPage();
  await other.goto(link);
  await expect(other.getByText("This link holds a run")).toBeVisible();
  await runToEnd(other);
  await expect(other.getByTestId("reproduced")).toBeVisible();
  await other.context().close();

  const report = JSON.parse((await taken(page, page.getByRole("region", { name: "Run", exact: true }), "Report")).toString());
  const recipe = info.outputPath("recipe.json");
  writeFileSync(recipe, JSON.stringify({ ...report.recipe, memory: null }));
  const out = info.outputPath("report.json");
  expect((await cli("quantize", "--recipe", recipe, "--threads", "1", "--out", out)).code).toBe(0);
  const node = JSON.parse(readFileSync(out, "utf8"));
  expect(node.fingerprint).toEqual(report.fingerprint);
  expect(node.accuracy).toEqual(report.accuracy);
});

test("a run can be cancelled, and another started", async ({ page }) => {
  await openLab(page);
  await setEffort(page, 20000, 0.001);
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await expect(page.locator("figure.chart").first()).not.toHaveAttribute("data-points", "0", { timeout: 60_000 });
  await expect(status(page)).toContainText("left", { timeout: 60_000 });
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(status(page)).toHaveAttribute("data-state", "cancelled", { timeout: 10_000 });
  await expect(page.getByTestId("accuracy-nearest").locator(".figure")).toContainText("%");
  await setEffort(page, 2, 0.5);
  await runToEnd(page);
});

test("WebGPU in the page: the run names its adapter and gives the losses of wasm", async ({ page }, info) => {
  const demo = demoRecipe();
  const recipe = parseRecipe(
    {
      ...demo,
      calibration: { ...demo.calibration, count: 8 },
      evaluation: { ...demo.evaluation, count: 8 },
      iterations: 2,
      batch: 4,
      learningRate: 0.01,
      device: "webgpu",
    },
    "test",
  );
  await openLab(page, new URL(writeLink("http://lab/", sharedRecipe(recipe, 2), null)).hash);
  await runToEnd(page);
  await expect(page.getByText(/Computed on .+ \(chosen in the recipe\)/)).toBeVisible();
  const rows = page.getByRole("region", { name: "Reconstruction" }).locator("tbody tr");
  const losses = await rows.evaluateAll((list) => list.map((row) => Number(row.children[3]?.textContent)));
  const file = info.outputPath("recipe.json");
  writeFileSync(file, JSON.stringify({ ...recipe, device: "wasm" }));
  const out = info.outputPath("report.json");
  await cli("quantize", "--recipe", file, "--out", out);
  const { units } = JSON.parse(readFileSync(out, "utf8")) as { units: { loss: { last: number } }[] };
  expect(losses).toHaveLength(units.length);
  losses.forEach((loss, i) => {
    expect(Math.abs(loss / (units[i]?.loss.last as number) - 1)).toBeLessThan(2e-3);
  });
});
