/** Looking into a layer, before a run and after one: what is asked for is what is shown, by mouse, by keys and as files. */
import { readFileSync } from "node:fs";
import { expect, type Page, test } from "@playwright/test";
import { openRecipe, SHORT } from "./support";

const figure = (page: Page, title: string | RegExp) => page.getByRole("figure", { name: title });
const reader = (page: Page, title: string | RegExp) => page.getByRole("slider", { name: title });

async function inspect(page: Page): Promise<void> {
  await openRecipe(page, { ...SHORT, evaluation: { kind: "builtin", name: "shapes", split: "test", count: 200, seed: 0 } });
  await page.getByRole("link", { name: "Inspect" }).click();
  await expect(figure(page, "Weights on the grid")).toBeVisible({ timeout: 60_000 });
}

/** Numbers in a sentence, thousands separated or not. */
const numbers = (text: string | null) => [...(text ?? "").matchAll(/\d[\d,]*/g)].map(([word]) => Number(word.replaceAll(",", "")));

test("before a run: full precision and nearest rounding, read by keys; a channel of its own; another layer is in the address", async ({ page }) => {
  await inspect(page);
  await expect(page.getByText("Reconstructed", { exact: true })).toHaveCount(0);
  const read = reader(page, "Weights on the grid");
  let [full, nearest] = [0, 0];
  await read.focus();
  await page.keyboard.press("Home");
  for (let level = 0; level < 4; level++) {
    const [at, near, rounded] = numbers(await read.getAttribute("aria-valuetext"));
    expect(at).toBe(level);
    // The hill's area around a level is what nearest rounding puts there.
    expect(near).toBe(rounded);
    full += near ?? 0;
    nearest += rounded ?? 0;
    await page.keyboard.press("ArrowRight");
  }
  expect([full, nearest]).toEqual([2304, 2304]);
  await page.getByLabel("Weights of output channel").fill("3");
  await expect(figure(page, "Weights of channel 3 on the grid")).toBeVisible({ timeout: 30_000 });
  await page.getByLabel("Layer", { exact: true }).selectOption({ index: 3 });
  await expect(page).toHaveURL(/layer=/);
  await expect(figure(page, "Weights on the grid")).toBeVisible({ timeout: 60_000 });
  await page.getByRole("tab", { name: "Feature maps" }).click();
  await expect(figure(page, "Feature maps")).toBeVisible({ timeout: 60_000 });
  await page.getByLabel("Image, 0 to 199").fill("200");
  await expect(page.getByText("A whole number from 0 to 199")).toBeVisible();
});

test("after a run: three networks, flips that add up, and every figure as SVG, PNG and CSV", async ({ page }) => {
  await inspect(page);
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await expect(page.locator('[data-state="done"]')).toHaveCount(1, { timeout: 200_000 });
  await page.getByRole("tab", { name: "Rounding" }).click();
  const summary = page.getByText(/weights were rounded the other way than nearest/);
  await expect(summary).toBeVisible({ timeout: 60_000 });
  const [flips, of, up, down] = numbers(await summary.textContent()) as [number, number, number, number];
  expect(of).toBe(2304);
  expect(up + down).toBe(flips);
  expect(flips).toBeGreaterThan(0);
  const map = figure(page, "Where the flipped weights are");
  const [download] = await Promise.all([page.waitForEvent("download"), map.getByRole("button", { name: /CSV/ }).click()]);
  const rows = readFileSync(await download.path(), "utf8")
    .trim()
    .split("\n")
    .slice(1);
  expect(rows).toHaveLength(2304);
  expect(rows.filter((row) => !row.endsWith(",0"))).toHaveLength(flips);
  for (const [tab, titles] of [
    ["Output", ["Error by position", "Error by channel"]],
    ["Channels", ["Range of the weights and of the grid", "Scales: the step of the grid", "Flipped weights", "Error by channel"]],
    ["Feature maps", ["Feature maps"]],
  ] as const) {
    await page.getByRole("tab", { name: tab }).click();
    for (const title of titles) {
      const [svg] = await Promise.all([page.waitForEvent("download"), figure(page, title).getByRole("button", { name: /SVG/ }).click()]);
      const text = readFileSync(await svg.path(), "utf8");
      expect(text).toContain(`<title>${title}</title>`);
      expect(text).not.toContain("var(");
    }
  }
  const [png] = await Promise.all([page.waitForEvent("download"), figure(page, "Feature maps").getByRole("button", { name: /PNG/ }).click()]);
  expect(
    readFileSync(await png.path())
      .subarray(1, 4)
      .toString(),
  ).toBe("PNG");
});
