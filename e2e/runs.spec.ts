/** Runs that are kept: they outlive the page, are compared and printed, and go from one profile to another as a file. */
import { readFileSync } from "node:fs";
import AxeBuilder from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";
import { replayWorker } from "./replay";

/** The page over a worker that replays a short run; what is kept and compared does not depend on who computed it. */
async function open(page: Page, query = ""): Promise<void> {
  await page.route(/\/assets\/worker-[^/]*\.js$/, (route) =>
    route.fulfill({
      contentType: "text/javascript",
      headers: { "Cross-Origin-Embedder-Policy": "require-corp" },
      body: replayWorker({ units: 6, iterations: 200, messages: 2, every: 5 }),
    }),
  );
  await page.goto(`/?lang=en${query}`);
  await expect(page.getByRole("banner").getByRole("button", { name: "Run", exact: true })).toBeEnabled();
}

/** Runs of this profile's storage. */
const kept = (page: Page) =>
  page.evaluate(
    () =>
      new Promise<number>((resolve, reject) => {
        const opened = indexedDB.open("brecq-lab-runs");
        opened.onerror = () => reject(opened.error);
        opened.onsuccess = () => {
          const count = opened.result.transaction("runs").objectStore("runs").count();
          count.onsuccess = () => {
            opened.result.close();
            resolve(count.result);
          };
        };
      }),
  );

async function run(page: Page): Promise<void> {
  const before = await kept(page);
  await page.getByRole("banner").getByRole("button", { name: "Run", exact: true }).click();
  await expect.poll(() => kept(page)).toBe(before + 1);
}

const goTo = (page: Page, view: string) => page.getByRole("navigation").getByText(view, { exact: true }).click();
const rows = (page: Page) => page.locator("table[data-runs] tbody tr");

async function twoRuns(page: Page): Promise<void> {
  await open(page);
  await run(page);
  await page.getByRole("radiogroup", { name: "Weight bits" }).getByText("4", { exact: true }).click();
  await run(page);
  await goTo(page, "Compare");
  await expect(rows(page)).toHaveCount(2);
}

test("runs are kept over a reload, renamed, starred, deleted and brought back", async ({ page }) => {
  await twoRuns(page);
  await page.getByRole("button", { name: "Rename shapes-resnet14 BRECQ W2" }).click();
  await page.getByLabel(/^Name of/).fill("two bit");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Star two bit", exact: true }).click();
  await page.reload();
  await expect(rows(page)).toHaveCount(2);
  await expect(page.getByRole("button", { name: "Take the star from two bit" })).toHaveAttribute("aria-pressed", "true");
  await page.getByLabel("Compare two bit").check();
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await expect(rows(page)).toHaveCount(1);
  await page.getByRole("button", { name: "Bring back" }).click();
  await expect(rows(page)).toHaveCount(2);
});

test("two runs are laid over one axis and side by side, what differs marked; in both languages without a fault for screen readers", async ({
  page,
}) => {
  await twoRuns(page);
  for (const box of await page.getByRole("checkbox", { name: /^Compare / }).all()) await box.check();
  const chosen = page.locator("[data-chosen='2']");
  const accuracy = chosen.getByRole("figure", { name: "Accuracy of the network quantized up to here" });
  // Both runs, and nearest rounding, which is the same in both.
  await expect(accuracy.getByRole("listitem")).toHaveCount(3);
  await accuracy.getByRole("slider").focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await expect(accuracy.getByText("Quantized up to block1")).toBeVisible();
  const fields = chosen.locator("[data-fields]");
  await expect(fields.getByRole("row", { name: /weights\.bits/ })).toContainText("2");
  await expect(fields.getByRole("row", { name: /weights\.bits/ })).toContainText("4");
  await expect(fields.getByRole("row", { name: /seed/ })).toHaveCount(0);
  const [download] = await Promise.all([page.waitForEvent("download"), accuracy.getByRole("button", { name: /as SVG$/ }).click()]);
  const svg = readFileSync(await download.path(), "utf8");
  expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"/);
  expect(svg).not.toContain("var(");
  for (const language of ["en", "ko"]) {
    await page.goto(`/?lang=${language}&view=compare`);
    await expect(rows(page)).toHaveCount(2);
    for (const box of await page.locator("table[data-runs] input[type=checkbox]").all()) await box.check();
    await expect(page.locator("[data-chosen='2']")).toBeVisible();
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      const { violations } = await new AxeBuilder({ page }).include("main").analyze();
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 160)}`)).toEqual([]);
    }
  }
  await page.emulateMedia({ media: "print" });
  await expect(page.locator("table[data-runs]")).toBeHidden();
  await expect(page.locator("[data-fields]")).toBeVisible();
});

test("runs go from one profile to another as a file; a file that is none is refused with a reason", async ({ page, browser }) => {
  await twoRuns(page);
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Export all" }).click()]);
  expect(download.suggestedFilename()).toBe("runs.brecq-runs.json");
  const file = await download.path();
  const other = await (await browser.newContext()).newPage();
  await open(other, "&view=compare");
  await other.getByTestId("import-runs").setInputFiles(file);
  await expect(other.getByText("2 runs imported")).toBeVisible({ timeout: 30_000 });
  await expect(rows(other)).toHaveCount(2);
  await other.getByTestId("import-runs").setInputFiles(file);
  await expect(other.getByText(/2 were here already/)).toBeVisible();
  const damaged = readFileSync(file, "utf8").replace('"star":false', '"star":7');
  await other.getByTestId("import-runs").setInputFiles({ name: "runs.json", mimeType: "application/json", buffer: Buffer.from(damaged) });
  await expect(other.getByText(/^The file is damaged at runs\[0\]\.star/)).toBeVisible();
  await other.close();
});
