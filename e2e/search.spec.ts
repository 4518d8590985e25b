/** Mixed precision on the page: measure, search, look, take the bits, run. */
import { readFileSync } from "node:fs";
import { expect, test } from "@playwright/test";
import { accuracyOf, cli, openLab, runToEnd, setEffort, status } from "./support";

test("a search fills the heatmaps, finds an assignment within the limit, and the network is quantized with it", async ({ page }, info) => {
  await openLab(page);
  await setEffort(page, 20, 0.3);
  const panel = page.getByRole("region", { name: "Mixed precision" });
  await panel.getByRole("button", { name: "Search" }).click();
  await expect(status(page)).toHaveAttribute("data-state", "done", { timeout: 200_000 });
  await expect(panel.getByTestId("searched")).toContainText(/size 0\.06\d+ MB of at most 0\.06\d+, predicted loss/);
  const heatmaps = panel.locator(".heatmap");
  await expect(heatmaps).toHaveCount(2);
  await expect(heatmaps.first().locator("rect[stroke='#d55e00']")).toHaveCount(14);
  const [download] = await Promise.all([page.waitForEvent("download"), heatmaps.first().getByRole("button", { name: "CSV" }).click()]);
  expect(readFileSync(await download.path(), "utf8").split("\n")).toHaveLength(15);

  await panel.getByLabel("of at most").fill("0.01");
  await panel.getByRole("button", { name: "Search" }).click();
  await expect(page.getByRole("alert")).toContainText(
    "No assignment costs at most 0.01 MB: the cheapest, every layer at its narrowest, costs 0.0443",
  );
  await panel.getByLabel("of at most").fill("2bit+10%");
  await panel.getByRole("button", { name: "Search" }).click();
  await expect(panel.getByTestId("searched")).toContainText(/size 0\.048\d* MB/);
  await panel.getByRole("button", { name: "Take these bits" }).click();
  await expect(page.locator(".bits-4").first()).toBeVisible();
  await runToEnd(page);
  expect(await accuracyOf(page, "quantized")).toBeGreaterThan(85);

  const out = info.outputPath("report.json");
  const { code, stdout } = await cli(
    "search",
    "--demo",
    "--limit",
    "size=2bit+10%",
    "--iterations",
    "20",
    "--learning-rate",
    "0.3",
    "--device",
    "wasm",
    "--out",
    out,
  );
  expect(code, stdout).toBe(0);
  const report = JSON.parse(readFileSync(out, "utf8"));
  expect(report.assignment).toHaveLength(16);
  expect(report.cost).toBeLessThanOrEqual(report.search.limit.value);
  expect(report.predictedLoss).toBeGreaterThan(0);
  expect(report.accuracy.quantized.top1).toBe(await accuracyOf(page, "quantized"));
});

test("the command line names what is wrong with a limit", async () => {
  for (const [limit, message] of [
    ["size=0.001MB", /No assignment costs at most 0.001 MB: the cheapest, every layer at its narrowest, costs 0.0443\d* MB/],
    ["weight=3", /The limit "weight=3" is not one; expected for example size=0.1MB/],
    ["table=3", /needs the table: give a CSV or JSON file of costs/],
  ] as const) {
    const { code, stderr } = await cli("search", "--demo", "--limit", limit);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  }
  const { stderr } = await cli("search", "--demo", "--limit", "latency:fpga=1", "--fpga", "lanes=4");
  expect(stderr).toMatch(/--fpga lanes=4 is not a setting; expected for example rows=32/);
});
