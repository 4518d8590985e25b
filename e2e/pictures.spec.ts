/**
 * Every drawing of the page as the file that a person saves. The demo's run gives the same bits on every machine, so the files are in
 * git (e2e/pictures) and any change of what is drawn is seen there. `--update-snapshots` writes them anew.
 */
import { readFileSync } from "node:fs";
import { type Download, expect, type Locator, type Page, test } from "@playwright/test";
import { openRecipe, runToEnd, status } from "./support";

const LIVE = /^(roundings-now|rounding-variables)/;

/** What a button saves; a press while its panel is being filled is lost with the button, so that another follows. */
async function saved(page: Page, button: Locator): Promise<Download> {
  for (let tries = 0; ; tries++)
    try {
      return (await Promise.all([page.waitForEvent("download", { timeout: 8000 }), button.click()]))[0];
    } catch (error) {
      if (tries === 2) throw error;
    }
}

/** Presses every "SVG" within a part of the page and compares what is saved. */
async function expectPictures(page: Page, within: Locator, prefix: string, least: number): Promise<void> {
  const buttons = within.getByRole("button", { name: /SVG/ });
  await expect.poll(() => buttons.count()).toBeGreaterThanOrEqual(least);
  for (const [i, button] of (await buttons.all()).entries()) {
    const download = await saved(page, button);
    const svg = readFileSync(await download.path(), "utf8");
    // Names of classes hold a digest of the file they come from, and small pictures within are packed by the browser.
    const text = svg
      .replaceAll(/_(\w+?)_[\w-]{5}_\d+/g, "$1")
      .replaceAll(/data:image\/png;base64,[^"]*/g, "data:image/png")
      .replaceAll("><", ">\n<");
    expect(text).not.toMatch(/NaN|Infinity|var\(/);
    // What was seen while the run went on depends on when one looked.
    if (!LIVE.test(download.suggestedFilename())) expect(`${text}\n`).toMatchSnapshot(`${prefix}-${i + 1}-${download.suggestedFilename()}`);
  }
}

test("every drawing of a run, of its layers and of a search, with fixed data", async ({ page }) => {
  await page.setViewportSize({ width: 1440, height: 900 });
  await openRecipe(page, { device: "wasm", iterations: 20, learningRate: 0.5, memory: 160 }, "?lang=en&theme=dark");
  await runToEnd(page);
  const main = page.getByRole("main");
  for (const tab of ["Loss curves", "By class"]) {
    await page.getByRole("tab", { name: tab }).click();
    await expectPictures(page, main.getByRole("tabpanel"), "quantize", 1);
  }
  await expectPictures(page, main.getByRole("region", { name: "The network from input to output" }), "quantize", 1);

  await page.getByRole("navigation").getByText("Compare", { exact: true }).click();
  await page.locator("table[data-runs] tbody input[type=checkbox]").first().check({ force: true });
  await expectPictures(page, main, "compare", 1);

  await page.getByRole("navigation").getByText("Inspect", { exact: true }).click();
  for (const tab of ["Weights", "Rounding", "Output", "Channels", "Feature maps"]) {
    await main.getByRole("tab", { name: tab }).click();
    await expectPictures(page, main.getByRole("tabpanel"), `inspect-${tab.toLowerCase().replace(" ", "-")}`, 1);
  }

  await page.getByRole("navigation").getByText("Mixed precision", { exact: true }).click();
  await page.getByRole("button", { name: "Measure and search" }).click();
  await expect(status(page)).toHaveAttribute("data-state", "done", { timeout: 120_000 });
  await expectPictures(page, main, "precision", 2);
});
