/** An experiment on the page: a grid of methods, its table, its curves, and the same rows from the command line. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "@playwright/test";
import { accuracyOf, cli, openLab, runToEnd, setEffort, status, taken } from "./support";

test("a grid of methods runs one after another; its table sorts, its curves overlay, its file agrees with the command line", async ({
  page,
}, info) => {
  await openLab(page);
  await setEffort(page, 10, 0.3);
  const panel = page.getByRole("region", { name: "Compare" });
  await panel.getByLabel("AdaRound").check();
  await panel.getByRole("group", { name: "Weight bits" }).getByLabel("4").uncheck();
  await expect(panel.getByText("3 settings, 3 runs")).toBeVisible();
  await panel.getByRole("button", { name: "Run experiment" }).click();
  await expect(panel.getByTestId("results")).toHaveAttribute("data-done", "3", { timeout: 200_000 });
  await expect(status(page)).toHaveAttribute("data-state", "done");

  const labels = () => panel.locator("tbody th").allTextContents();
  expect(await labels()).toEqual(["Nearest, W2, A32", "AdaRound, W2, A32", "BRECQ, block, W2, A32"]);
  await panel.getByRole("button", { name: "Agreement, %" }).click();
  expect((await labels()).at(-1)).toBe("Nearest, W2, A32");
  await panel.getByLabel("Curves of BRECQ, block, W2, A32").check();
  await panel.getByLabel("Curves of AdaRound, W2, A32").check();
  // The block's curve, and those of the two layers in it that AdaRound reconstructs one by one.
  await expect(panel.locator("figure.chart")).toHaveAttribute("data-lines", "3");
  await expect(panel.locator("figure.chart path.recharts-line-curve")).toHaveCount(3);

  const rows = JSON.parse((await taken(page, panel, "JSON")).toString());
  const folder = info.outputPath("experiment");
  mkdirSync(folder, { recursive: true });
  const file = info.outputPath("experiment.json");
  const recipe = { weights: { bits: 2 }, iterations: 10, learningRate: 0.3 };
  writeFileSync(file, JSON.stringify({ version: 2, recipe, grid: { method: ["adaround"] }, seeds: [0] }));
  expect((await cli("compare", file, "--device", "wasm", "--out", folder)).code).toBe(0);
  const [own] = JSON.parse(readFileSync(`${folder}/results.json`, "utf8")).rows;
  const { top1, agreement } = rows.find(({ label }: { label: string }) => label.startsWith("AdaRound"));
  expect({ top1: own.top1, agreement: own.agreement }).toEqual({ top1, agreement });
  for (const name of ["results.csv", "results.md", "results.svg"]) expect(readFileSync(`${folder}/${name}`, "utf8").length).toBeGreaterThan(100);
});

test("data-free quantization of the network with batch norm beats nearest per tensor, and the units are diagnosed", async ({ page }) => {
  await openLab(page);
  await page.getByLabel("Demo", { exact: true }).selectOption("shapes-mobilenet-bn");
  await page.getByLabel("Method", { exact: true }).selectOption("dfq");
  await page.getByLabel("Weights", { exact: true }).selectOption("4");
  await page.getByLabel("Granularity and symmetry", { exact: true }).selectOption("tensor");
  await runToEnd(page);
  expect(await accuracyOf(page, "quantized")).toBeGreaterThan(await accuracyOf(page, "nearest"));
  const diagnosis = page.getByRole("region", { name: "Diagnosis" });
  await expect(diagnosis.locator("tbody tr")).toHaveCount(21);
});
