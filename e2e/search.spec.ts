/** Mixed precision on the page: measure, search, look, take the bits, run; measure a sweep; find it all again after a reload. */
import { readFileSync, writeFileSync } from "node:fs";
import { expect, type Page, test } from "@playwright/test";
import { accuracyOf, cli, openLab, runToEnd, setEffort, taken } from "./support";

const panelOf = (page: Page) => page.getByRole("region", { name: "Mixed precision" });

async function search(page: Page, timeout = 200_000): Promise<void> {
  await panelOf(page).getByRole("button", { name: "Search", exact: true }).click();
  await expect(page.locator("[data-state]")).toHaveAttribute("data-state", "done", { timeout });
}

test("a search fills the heatmaps, finds an assignment within the limit, and the network is quantized with it", async ({ page }, info) => {
  await openLab(page);
  await setEffort(page, 20, 0.3);
  const panel = panelOf(page);
  await search(page);
  await expect(panel.getByTestId("searched")).toContainText(/0\.06\d+ MB of at most 0\.06\d+/);
  const heatmaps = panel.locator(".heatmap");
  await expect(heatmaps).toHaveCount(6);
  await expect(heatmaps.first().locator("rect[stroke='#d55e00']")).toHaveCount(14);
  expect((await taken(page, heatmaps.first(), "CSV")).toString().split("\n")).toHaveLength(15);
  expect((await taken(page, heatmaps.last(), "SVG")).toString()).toMatch(/^<svg [\s\S]*Fisher information by position/);
  expect((await taken(page, heatmaps.nth(1), "PNG")).subarray(1, 4).toString()).toBe("PNG");

  // A click on a row opens its layer; the Fisher information is drawn for whichever unit is chosen.
  await heatmaps.first().getByText("layer2.0/conv1", { exact: true }).click();
  await expect(page.getByRole("region", { name: "Layer layer2.0/conv1" })).toContainText(/kernel 3x3x16x32.*Predicted loss at/);
  await panel.getByLabel("Fisher information at the output of").selectOption("layer3.1");
  await expect(heatmaps.last().locator("rect")).toHaveCount(1 + 8 * 8);

  await panel.getByLabel("of at most").fill("10kB");
  await panel.getByRole("button", { name: "Search", exact: true }).click();
  await expect(page.getByRole("alert")).toContainText("No assignment costs at most 0.01 MB: the cheapest, everything at its narrowest, costs 0.0443");
  await panel.getByLabel("of at most").fill("2bit+10%");
  await search(page);
  await expect(panel.getByTestId("searched")).toContainText(/0\.048\d* MB/);
  await panel.getByRole("button", { name: "Apply bit widths" }).click();
  const network = page.getByRole("region", { name: "Network" });
  await expect(network.locator(".bits").filter({ hasText: "4 bit" }).first()).toBeVisible();
  expect((await taken(page, network, "SVG")).toString()).toMatch(/^<svg [\s\S]*>W4<[\s\S]*>W2</);
  expect((await taken(page, network, "CSV")).toString()).toMatch(/^unit,layer,kind,[\s\S]*layer1\.0,[^\n]*,[24],\n/);
  await runToEnd(page);
  expect(await accuracyOf(page, "quantized")).toBeGreaterThan(85);

  const out = info.outputPath("report.json");
  const effort = ["--iterations", "20", "--learning-rate", "0.3", "--measure", "nearest"];
  const { code, stdout } = await cli("search", "--demo", "--limit", "size=2bit+10%", ...effort, "--device", "wasm", "--out", out);
  expect(code, stdout).toBe(0);
  const report = JSON.parse(readFileSync(out, "utf8"));
  expect(report.assignment).toHaveLength(16);
  expect(report.cost).toBeLessThanOrEqual(report.search.limit.value);
  expect(report.predictedLoss).toBeGreaterThan(0);
  expect(report.search.hawq.assignment).toHaveLength(16);
  expect(report.accuracy.quantized.top1).toBe(await accuracyOf(page, "quantized"));
});

test("what was measured survives a reload; several limits become a sweep with uniform widths, and a front of three", async ({ page }) => {
  await openLab(page);
  await setEffort(page, 3, 0.3);
  const panel = panelOf(page);
  await panel.getByRole("button", { name: "Search", exact: true }).click();
  await expect(panel.getByLabel("Progress of the measurement")).toBeVisible({ timeout: 60_000 });
  await expect
    .poll(async () => Number(await panel.getByLabel("Progress of the measurement").getAttribute("value")), { timeout: 60_000 })
    .toBeGreaterThan(20);
  await page.reload();
  await openLab(page);
  await setEffort(page, 3, 0.3);
  await panel.getByLabel("of at most").fill("2bit+10%, 3bit");
  await panel.getByRole("button", { name: "Search", exact: true }).click();
  await expect(page.getByText(/, resumed/)).toBeVisible({ timeout: 60_000 });
  await expect(page.locator("[data-state]")).toHaveAttribute("data-state", "done", { timeout: 200_000 });
  await expect(panel.getByTestId("searched").getByRole("row")).toHaveCount(3);
  await panel.getByRole("button", { name: "size=3bit" }).click();
  await expect(panel.getByRole("row", { name: /size=3bit/ })).toHaveClass("current");
  await panel.getByLabel("Point of the front").fill("3");
  await expect(panel.getByTestId("tradeoff")).toContainText(/size 0\.\d+ MB, latency:fpga 0\.\d+ ms, predicted loss/);

  await panel.getByRole("button", { name: "Reconstruct and measure" }).click();
  await expect(panel.getByTestId("sweep")).toHaveAttribute("data-points", "5", { timeout: 300_000 });
  await expect(page.locator("[data-state]")).toHaveAttribute("data-state", "done", { timeout: 60_000 });
});

test("widths of activations are searched under a limit on bit operations, and taken into the recipe", async ({ page }) => {
  await openLab(page);
  await setEffort(page, 3, 0.3);
  const panel = panelOf(page);
  await panel.getByLabel("Limit on").selectOption("bitops");
  await panel.getByLabel("of at most").fill("4bit");
  const activations = panel.getByRole("group", { name: /Bit widths of activations/ });
  for (const width of ["4", "8"]) await activations.getByLabel(width).check();
  await search(page);
  await expect(panel.getByTestId("searched")).toContainText(/GBOPs of at most/);
  await expect(panel.getByRole("figure", { name: "Sensitivity: predicted loss of one activation quantized" })).toBeVisible();
  await panel.getByRole("button", { name: "Apply bit widths" }).click();
  await expect(page.getByRole("region", { name: "Network" }).getByText("A4").first()).toBeVisible();
});

test("the command line names what is wrong with a limit or a place to write, before it measures", async () => {
  for (const [limit, message] of [
    ["size=0.001MB", /No assignment costs at most 0.001 MB: the cheapest, everything at its narrowest, costs 0.0443\d* MB/],
    ["weight=3", /Invalid limit "weight=3": expected for example size=100kB/],
    ["table=3", /needs the table: give a CSV or JSON file of costs/],
  ] as const) {
    const { code, stderr } = await cli("search", "--demo", "--limit", limit, "--measure", "nearest");
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  }
  const { stderr } = await cli("search", "--demo", "--limit", "latency:fpga=1ms", "--fpga", "lanes=4");
  expect(stderr).toMatch(/--fpga lanes=4 is not a setting; expected for example rows=32/);
  const blocked = test.info().outputPath("file");
  writeFileSync(blocked, "");
  const { code, stderr: refused } = await cli("search", "--demo", "--limit", "size=3bit", "--out", `${blocked}/report.json`);
  expect(code).toBe(2);
  expect(refused).toMatch(/report.json cannot be written: .*Name another file/);
});
