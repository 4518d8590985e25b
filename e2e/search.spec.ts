/** Mixed precision on the page: measure, search, look, drag the limit, take the bits, run; a sweep; all found again after a reload. */
import { readFileSync, writeFileSync } from "node:fs";
import { expect, type Page, test } from "@playwright/test";
import { accuracyOf, cli, FEW, openRecipe, status, taken } from "./support";

const VIEW = "?view=precision";
const QUICK = { calibration: FEW.calibration, iterations: 20, learningRate: 0.3, device: "wasm" } as const;
const finding = (page: Page) => page.getByTestId("finding");
const amount = (page: Page) => page.getByLabel("At most", { exact: true });

async function search(page: Page): Promise<void> {
  await page.getByRole("button", { name: /^(Measure and search|Search again)$/ }).click();
  await expect(status(page)).toHaveAttribute("data-state", "done", { timeout: 300_000 });
}

test("a search hangs the triangle from the network, finds bits within the limit, and the network is quantized with them", async ({ page }, info) => {
  await openRecipe(page, QUICK, VIEW);
  await search(page);
  await expect(finding(page)).toHaveAttribute("data-finding", "less");
  // Every layer on the edge, every pair of a block below it: four blocks of two free layers, two of three.
  await expect(page.locator("[data-cell=layer]")).toHaveCount(16);
  await expect(page.locator("[data-cell=pair]")).toHaveCount(10);
  await expect(page.locator("[data-row=bits] [data-bits]")).toHaveCount(16);
  expect((await taken(page, page.locator("main"), "Save Bits and sensitivity by layer as SVG")).toString()).toMatch(/^<svg [\s\S]*layer3\.1/);
  expect((await taken(page, page.locator("main"), "Save Bits and sensitivity by layer as CSV")).toString().split("\n")).toHaveLength(1 + 16 + 10);
  const front = page.getByTestId("front");
  expect((await taken(page, front, "Save Predicted loss against cost as PNG")).subarray(1, 4).toString()).toBe("PNG");

  // The limit moves by keys: what was measured is not measured again, and more room means no more loss.
  const line = front.getByRole("slider", { name: "Limit" });
  const before = Number(await line.getAttribute("aria-valuenow"));
  await line.focus();
  for (let i = 0; i < 5; i++) await page.keyboard.press("ArrowRight");
  await expect(amount(page)).not.toHaveValue("3bit", { timeout: 20_000 });
  await expect(status(page)).toHaveAttribute("data-state", "done", { timeout: 60_000 });
  await expect.poll(async () => Number(await line.getAttribute("aria-valuenow"))).toBeGreaterThan(before);

  await amount(page).fill("10kB");
  await page.getByRole("button", { name: "Search again" }).click();
  await expect(
    page.getByText(/No assignment costs at most 0\.01 MB: the cheapest, everything at its narrowest, costs 0\.0443/).first(),
  ).toBeVisible();
  await amount(page).fill("2bit+10%");
  await search(page);
  await page.getByTestId("take").click();
  await expect(page.getByTestId("take")).toHaveText("In the recipe");
  await page.getByRole("button", { name: "Quantize with these bits" }).click();
  await expect(status(page)).toHaveAttribute("data-state", "done", { timeout: 300_000 });
  expect(await accuracyOf(page, "quantized")).toBeGreaterThan(85);

  const out = info.outputPath("report.json");
  const effort = ["--calibration-images", "256", "--iterations", "20", "--learning-rate", "0.3", "--measure", "nearest"];
  const { code, stdout } = await cli("search", "--demo", "--limit", "size=2bit+10%", ...effort, "--device", "wasm", "--out", out);
  expect(code, stdout).toBe(0);
  const report = JSON.parse(readFileSync(out, "utf8"));
  expect(report.assignment).toHaveLength(16);
  expect(report.cost).toBeLessThanOrEqual(report.search.limit.value);
  expect(report.search.hawq.assignment).toHaveLength(16);
  expect(report.accuracy.quantized.top1).toBe(await accuracyOf(page, "quantized"));
});

test("what was measured survives a reload; several limits become a sweep with uniform widths, and a front of three", async ({ page }) => {
  await openRecipe(page, { ...QUICK, ...FEW, iterations: 3 }, VIEW);
  await page.getByRole("button", { name: "Measure and search" }).click();
  await expect(finding(page)).toHaveAttribute("data-finding", "measuring", { timeout: 60_000 });
  await expect.poll(async () => Number(/(\d+) of/.exec((await finding(page).textContent()) ?? "")?.[1]), { timeout: 120_000 }).toBeGreaterThan(20);
  await page.reload();
  await amount(page).fill("2bit+10%, 3bit");
  await page.getByRole("button", { name: "Measure and search" }).click();
  await expect(page.getByText(/, resumed/).first()).toBeVisible({ timeout: 120_000 });
  await expect(status(page)).toHaveAttribute("data-state", "done", { timeout: 300_000 });
  await page.getByTestId("findings").getByRole("button", { name: "size=3bit" }).click();
  await expect(page.getByRole("columnheader", { name: "size=3bit" })).toBeVisible();
  await page.getByRole("button", { name: /^Two costs at once/ }).click();
  await expect(page.getByTestId("tradeoff")).toContainText(/0\.\d+ MB, 0\.\d+ ms, [\d.e-]+ nats/);

  await page.getByRole("button", { name: /^Rebuild and measure all of it/ }).click();
  await page.getByRole("button", { name: "Rebuild and measure", exact: true }).click();
  await expect(page.getByTestId("sweep")).toHaveAttribute("data-points", "5", { timeout: 600_000 });
});

test("widths of activations are searched under a limit on bit operations, and taken into the recipe", async ({ page }) => {
  await openRecipe(page, { ...QUICK, ...FEW, iterations: 3 }, VIEW);
  await page.getByLabel("Limit on").selectOption("bitops");
  await amount(page).fill("4bit");
  await page.getByRole("button", { name: /^How it is measured/ }).click();
  const activations = page.getByRole("group", { name: "Bit widths of activations" });
  for (const width of ["4", "8"]) await activations.getByLabel(width).check({ force: true });
  await search(page);
  await expect(page.getByRole("columnheader", { name: "GBOPs" })).toBeVisible();
  await page.getByTestId("take").click();
  await expect(page.getByTestId("take")).toHaveText("In the recipe");
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
