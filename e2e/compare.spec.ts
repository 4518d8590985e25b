/** An experiment on the page: a grid of methods, its table, its curves, and the same rows from the command line. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "@playwright/test";
import { demoRecipe } from "../src/session/recipe/defaults";
import { accuracyOf, cli, FEW, openRecipe, runToEnd, status, taken } from "./support";

test("a grid of methods runs one after another; its table sorts, its curves overlay, its file agrees with the command line", async ({
  page,
}, info) => {
  await openRecipe(page, { ...FEW, iterations: 10, learningRate: 0.3 });
  await page.getByRole("link", { name: "Compare" }).click();
  const panel = page.getByRole("region", { name: "Experiments" });
  await panel.getByLabel("AdaRound").check({ force: true });
  await panel.getByRole("group", { name: "Weight bits" }).getByLabel("4").uncheck({ force: true });
  await expect(panel.getByText("3 settings, 3 runs")).toBeVisible();
  // The same for many machines: its file is planned by the command line as it is.
  await panel.getByRole("button", { name: "On many machines" }).click();
  await expect(panel.getByTestId("plan-commands")).toHaveValue(/^npx brecq-lab plan experiment\.json --out sweep\nnpx brecq-lab run sweep\n/);
  const saved = info.outputPath("saved.json");
  writeFileSync(saved, await taken(page, panel, "Save experiment.json"));
  const planned = await cli("plan", saved, "--out", info.outputPath("plan"));
  expect([planned.code, planned.stdout]).toEqual([0, expect.stringContaining("3 trials in")]);

  await panel.getByRole("button", { name: "Run the experiment" }).click();
  await expect(panel.getByTestId("results")).toHaveAttribute("data-done", "3", { timeout: 200_000 });
  await expect(status(page)).toHaveAttribute("data-state", "done");

  const results = panel.getByTestId("results");
  const labels = () => results.locator("tbody th").allTextContents();
  expect(await labels()).toEqual(["Nearest, W2, A32", "AdaRound, W2, A32", "BRECQ, block, W2, A32"]);
  await results.getByRole("button", { name: "Sort by Agreement, %" }).click();
  expect((await labels()).at(-1)).toBe("Nearest, W2, A32");
  // Each run of it is kept, and stands in the list above.
  await expect(page.getByRole("region", { name: "Kept runs" }).locator("tbody tr")).toHaveCount(3);

  const rows = JSON.parse((await taken(page, panel, "JSON")).toString());
  const folder = info.outputPath("experiment");
  mkdirSync(folder, { recursive: true });
  const file = info.outputPath("experiment.json");
  const recipe = { ...FEW, weights: { bits: 2 }, iterations: 10, learningRate: 0.3 };
  writeFileSync(file, JSON.stringify({ version: 2, recipe, grid: { method: ["adaround"] }, seeds: [0] }));
  expect((await cli("compare", file, "--device", "wasm", "--out", folder)).code).toBe(0);
  const [own] = JSON.parse(readFileSync(`${folder}/results.json`, "utf8")).rows;
  const { top1, agreement } = rows.find(({ label }: { label: string }) => label.startsWith("AdaRound"));
  expect({ top1: own.top1, agreement: own.agreement }).toEqual({ top1, agreement });
  for (const name of ["results.csv", "results.md", "results.svg"]) expect(readFileSync(`${folder}/${name}`, "utf8").length).toBeGreaterThan(100);
});

test("data-free quantization of the network with batch norm beats nearest per tensor, and the units are told", async ({ page }) => {
  const { weights } = demoRecipe();
  await openRecipe(page, {
    ...FEW,
    model: { kind: "builtin", name: "shapes-mobilenet-bn" },
    method: "dfq",
    weights: { ...weights, bits: 4, granularity: "tensor" },
  });
  await runToEnd(page);
  expect(await accuracyOf(page, "quantized")).toBeGreaterThan(await accuracyOf(page, "nearest"));
});
