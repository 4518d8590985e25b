/** Work that is paused, reloaded away, broken off with its worker, or under way in another tab: it goes on to the same bits. */
import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";
import { cli, FEW, fileInput, openLab, openRecipe, runButton, status } from "./support";

/** Long enough to be interrupted, short enough to be waited for. */
const LONG = { ...FEW, iterations: 60, learningRate: 0.5, device: "wasm" } as const;
const banner = (page: Page) => page.getByRole("banner");
const offer = (page: Page) => page.getByRole("complementary", { name: "Interrupted work" });
const unitsDone = (page: Page) => page.locator('[data-curve="quantized"] circle').count();

/** Leaves a page that asks before it is left. */
async function reload(page: Page): Promise<void> {
  page.once("dialog", (dialog) => void dialog.accept());
  await page.reload();
}

/** The result that is shown, run again by the command line from its link. */
async function sameInNode(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Share", exact: true }).click();
  const { code, stdout } = await cli("verify", await page.getByTestId("link").inputValue());
  expect([code, stdout]).toEqual([0, expect.stringContaining("Reproduced: accuracy, every unit's loss and every rounding decision are the same.")]);
}

test("paused within a second, reloaded, gone on with: the same bits", async ({ page }) => {
  await openRecipe(page, LONG);
  await runButton(page).click();
  await expect.poll(() => unitsDone(page), { timeout: 60_000 }).toBeGreaterThan(0);
  await banner(page).getByRole("button", { name: "Pause" }).click();
  await expect(banner(page)).toContainText("Paused", { timeout: 1000 });
  const bar = banner(page).getByRole("progressbar");
  // What was on its way when it was paused is told within the second.
  await page.waitForTimeout(1000);
  const before = [await unitsDone(page), await bar.getAttribute("aria-valuenow")];
  await page.waitForTimeout(1500);
  expect([await unitsDone(page), await bar.getAttribute("aria-valuenow")]).toEqual(before);
  await banner(page).getByRole("button", { name: "Go on" }).click();
  await expect(banner(page)).not.toContainText("Paused");
  await expect.poll(() => unitsDone(page), { timeout: 60_000 }).toBeGreaterThan(before[0] as number);
  await banner(page).getByRole("button", { name: "Pause" }).click();
  await expect(banner(page)).toContainText("Paused");
  await page.waitForTimeout(1000);
  await reload(page);
  await expect(offer(page)).toContainText(
    /A run was interrupted: shapes-resnet14 BRECQ W2, .* (It stands in layer\d\.\d, after iteration \d+|layer\d\.\d is done)\./,
    {
      timeout: 30_000,
    },
  );
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).include("[data-resume]").analyze();
  expect(violations.map(({ id }) => id)).toEqual([]);
  await offer(page).getByRole("button", { name: "Go on" }).click();
  await expect(status(page)).toHaveAttribute("data-state", "done", { timeout: 120_000 });
  await expect(offer(page)).toHaveCount(0);
  await sameInNode(page);
  await page.reload();
  await expect(status(page)).toHaveAttribute("data-state", "ready", { timeout: 30_000 });
  // Nothing of it is left.
  await page.waitForTimeout(1000);
  await expect(offer(page)).toHaveCount(0);
});

test("a worker that breaks loses nothing that was kept; files of one's own are kept with the run", async ({ page }) => {
  await openLab(page);
  await fileInput(page, "model").setInputFiles("public/demo/shapes-mobilenet.onnx");
  await expect(banner(page)).toContainText("shapes-mobilenet", { timeout: 30_000 });
  await page.getByRole("button", { name: "Use the built-in images after all" }).first().click();
  await runButton(page).click();
  await expect.poll(() => unitsDone(page), { timeout: 120_000 }).toBeGreaterThan(0);
  const worker = page.workers().find((one) => one.url().includes("worker") && !one.url().includes("thread"));
  await worker?.evaluate(() => void setTimeout(() => Promise.reject(new Error("broken on purpose"))));
  await expect(page.getByRole("alert")).toContainText("broken on purpose", { timeout: 30_000 });
  await page.getByRole("alert").getByRole("button", { name: "Copy a report" }).click();
  await expect(page.getByRole("alert")).toContainText("Copied");
  const report = JSON.parse(await page.evaluate(() => navigator.clipboard.readText()));
  expect(report.error).toContain("broken on purpose");
  expect(report).toMatchObject({ lab: { arithmetic: 2 }, device: { kind: "wasm" }, recipe: { model: { name: "shapes-mobilenet.onnx" } } });
  expect(report.log).toContainEqual(expect.stringMatching(/^\d\d:\d\d:\d\d\.\d{3} unitDone .+ iterations/));
  // Settings and words: no image, no weight, no curve.
  expect(JSON.stringify(report).length).toBeLessThan(20_000);
  await expect(offer(page)).toContainText("A run was interrupted: shapes-mobilenet");
  // Another day: the tab is closed and the page opened anew.
  await page.reload();
  await expect(offer(page)).toContainText("A run was interrupted: shapes-mobilenet", { timeout: 30_000 });
  await offer(page).getByRole("button", { name: "Go on" }).click();
  await expect.poll(() => unitsDone(page), { timeout: 60_000 }).toBeGreaterThan(0);
  await expect(banner(page)).toContainText("shapes-mobilenet");
  await banner(page).getByRole("button", { name: "Cancel" }).click();
  await expect(offer(page)).toBeVisible();
  await offer(page).getByRole("button", { name: "Discard" }).click();
  await page.reload();
  await expect(status(page)).toHaveAttribute("data-state", "ready", { timeout: 30_000 });
  await page.waitForTimeout(1000);
  await expect(offer(page)).toHaveCount(0);
});

test("another tab says that one is at work, and does not take the work from it", async ({ page, context }) => {
  await openRecipe(page, LONG);
  await runButton(page).click();
  await expect.poll(() => unitsDone(page), { timeout: 60_000 }).toBeGreaterThan(0);
  const other = await context.newPage();
  await openLab(other);
  await expect(offer(other)).toContainText("Another tab of this browser is at work: shapes-resnet14 BRECQ W2.", { timeout: 60_000 });
  await expect(offer(other).getByRole("button", { name: "Go on" })).toHaveCount(0);
  await expect(status(page)).toHaveAttribute("data-state", "done", { timeout: 120_000 });
});
