/** The demo as a stranger meets it, in the first minute. */
import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "@playwright/test";
import { demoRecipe } from "../src/session/recipe/defaults";
import { cli, networkNode, openLab, openRecipe, runButton, runToEnd, SHORT, status } from "./support";

const sentence = '[data-testid="sentence"]';

test("before Run: the network stands, one sentence says what is at stake, and pictures turn wrong as bits are dragged away", async ({ page }) => {
  await openLab(page);
  await expect(networkNode(page, "layer3.1")).toBeVisible();
  await expect(page.locator(sentence)).toHaveAttribute("data-stage", "before", { timeout: 30_000 });
  await expect(page.locator(sentence)).toContainText(
    /At 2 bit, rounding to nearest takes this network from 9\d\.\d\s% to [56]\d\.\d\s%. Press Run\./,
  );
  const wrong = page.locator('[data-wrong="true"]');
  await expect.poll(() => wrong.count(), { timeout: 30_000 }).toBeGreaterThan(2);
  const atTwo = await wrong.count();
  const slider = page.getByRole("slider", { name: "Weight bits" });
  await slider.focus();
  for (let bits = 3; bits <= 8; bits++) await page.keyboard.press("ArrowRight");
  await expect.poll(() => wrong.count(), { timeout: 30_000 }).toBeLessThan(atTwo);
  await expect(page.locator(sentence)).toContainText("At 8 bit");
});

test("Run: the page stays where it is and answers, accuracy climbs unit by unit, pictures turn right, and four ways lead on", async ({ page }) => {
  await page.addInitScript(() => {
    const seen = { shift: 0, longest: 0 };
    Object.assign(globalThis, { seen });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as unknown as { value: number; hadRecentInput: boolean }[])
        if (!entry.hadRecentInput) seen.shift += entry.value;
    }).observe({ type: "layout-shift", buffered: true });
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) seen.longest = Math.max(seen.longest, duration);
    }).observe({ type: "longtask" });
  });
  await openRecipe(page, { iterations: 20, learningRate: 0.5 });
  await expect(page.locator(sentence)).toHaveAttribute("data-stage", "before", { timeout: 30_000 });
  await runButton(page).click();
  await expect(page.getByRole("banner").getByRole("button", { name: "Cancel" })).toBeFocused();
  await expect(page.locator('[data-curve="nearest"] rect')).toHaveCount(7, { timeout: 120_000 });
  await expect.poll(() => page.locator('[data-curve="quantized"] circle').count(), { timeout: 120_000 }).toBeGreaterThan(1);
  await expect(page.locator(sentence)).toContainText(/stands at [89]\d\.\d\s% after \d of \d units/);
  await expect(status(page)).toHaveAttribute("data-state", "done", { timeout: 200_000 });
  await expect(runButton(page)).toBeFocused();
  await expect(page.locator(sentence)).toContainText(/BRECQ brings it back to [89]\d\.\d\s%/);
  await expect(page.getByText(/699\skB to \d\d\.\d\skB; rounding alone loses [23]\d\.\d points, this/)).toBeVisible();
  const next = page.getByRole("navigation", { name: "What next" });
  await expect(next.getByRole("button")).toHaveCount(4);
  await expect(page.getByRole("table").first().locator("tbody tr")).toHaveCount(7);
  const seen = await page.evaluate(() => (globalThis as unknown as { seen: { shift: number; longest: number } }).seen);
  expect(seen.shift).toBeLessThan(0.1);
  // Ten times what a machine that does nothing else shows: the page answers, whatever runs beside it.
  expect(seen.longest).toBeLessThan(1000);
  await next.getByRole("button", { name: /^Your own network/ }).click();
  await expect(page.locator("form").getByRole("button", { name: /^Network and data/ })).toBeFocused();
  await expect(page.locator("form").getByRole("button", { name: "Choose files: Network" })).toBeVisible();
});

test("the header leads to network and images, on a narrow page through the drawer", async ({ page }) => {
  await openLab(page);
  await page
    .getByRole("banner")
    .getByRole("button", { name: /^Network: shapes-resnet14/ })
    .click();
  const section = page.locator("form").getByRole("button", { name: /^Network and data/ });
  await expect(section).toBeFocused();
  await expect(section).toHaveAttribute("aria-expanded", "true");
  await page.setViewportSize({ width: 800, height: 900 });
  await page
    .getByRole("banner")
    .getByRole("button", { name: /^Network: shapes-resnet14/ })
    .click();
  await expect(page.getByRole("dialog").getByRole("button", { name: /^Network and data/ })).toHaveAttribute("aria-expanded", "true");
});

test("a result keeps its own settings: the form moves on, the page says so and leads back", async ({ page }) => {
  await openRecipe(page, { ...SHORT, iterations: 5 });
  await runToEnd(page);
  const text = await page.locator(sentence).textContent();
  await page.getByRole("slider", { name: "Weight bits" }).focus();
  await page.keyboard.press("ArrowRight");
  await expect(page.getByText("The settings have changed since this result.")).toBeVisible();
  await expect(page.locator(sentence)).toHaveAttribute("data-stage", "before");
  await page.getByRole("button", { name: "Back to the result's settings" }).first().click();
  await expect(page.locator(sentence)).toHaveText(text ?? "");
});

test("leaving is asked about while a run goes; it can be cancelled, what was measured stays, and another begins without the old one's curves", async ({
  page,
}) => {
  await openRecipe(page, { iterations: 20000, learningRate: 0.001 });
  await runButton(page).click();
  await expect(page.locator('[data-row="loss"] path').first()).toBeVisible({ timeout: 120_000 });
  const asked: string[] = [];
  page.on("dialog", (dialog) => {
    asked.push(dialog.type());
    void dialog.dismiss();
  });
  await page.evaluate(() => setTimeout(() => location.reload()));
  await expect.poll(() => asked).toEqual(["beforeunload"]);
  await expect(status(page)).toHaveAttribute("data-state", "quantizing");
  await page.getByRole("banner").getByRole("button", { name: "Cancel" }).click();
  await expect(status(page)).toHaveAttribute("data-state", "cancelled", { timeout: 10_000 });
  await expect(page.locator('[data-curve="nearest"] rect')).toHaveCount(7);
});

test("a click on a layer gives it a width of its own and scores it at once; the address leads back to it", async ({ page }) => {
  await openLab(page);
  await expect(page.locator(sentence)).toHaveAttribute("data-stage", "before", { timeout: 30_000 });
  await networkNode(page, "layer2.0").focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  const panel = page.getByRole("complementary", { name: "Selected block or layer" });
  await expect(panel.getByRole("heading", { name: "layer2.0/conv1" })).toBeVisible();
  await panel.getByLabel("Width of this layer").selectOption("8");
  await expect(panel.getByText(/the network now gets \d\d\.\d\s% right and takes \d\d\.\d\skB/)).toBeVisible({ timeout: 30_000 });
  await expect(page).toHaveURL(/layer=/);
  await page.reload();
  await expect(panel.getByRole("heading", { name: "layer2.0/conv1" })).toBeVisible();
});

test("the result is the command line's, bit for bit", async ({ page }, info) => {
  await openRecipe(page, { iterations: 10, learningRate: 0.5, memory: 160 });
  await runToEnd(page);
  await page.getByRole("tab", { name: "Take it with you" }).click();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Report as JSON" }).click()]);
  const report = JSON.parse(readFileSync(await download.path(), "utf8"));
  expect(report.memory.streamed).toBeGreaterThan(0);
  const recipe = info.outputPath("recipe.json");
  writeFileSync(recipe, JSON.stringify({ ...report.recipe, memory: null }));
  const out = info.outputPath("report.json");
  expect((await cli("quantize", "--recipe", recipe, "--threads", "1", "--out", out)).code).toBe(0);
  const node = JSON.parse(readFileSync(out, "utf8"));
  expect(node.fingerprint).toEqual(report.fingerprint);
  expect(node.accuracy).toEqual(report.accuracy);
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
});

test("WebGPU in the page: the run names its adapter and gives the losses of wasm", async ({ page }, info) => {
  const demo = demoRecipe();
  const few = {
    calibration: { ...demo.calibration, count: 8 } as typeof demo.calibration,
    evaluation: { ...demo.evaluation, count: 8 } as typeof demo.calibration,
    ...{ iterations: 2, batch: 4, learningRate: 0.01 },
  };
  await openRecipe(page, { ...few, device: "webgpu" });
  await runToEnd(page);
  await page.getByRole("tab", { name: "Take it with you" }).click();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Report as JSON" }).click()]);
  const report = JSON.parse(readFileSync(await download.path(), "utf8"));
  expect(report.device.kind).toBe("webgpu");
  const file = info.outputPath("recipe.json");
  writeFileSync(file, JSON.stringify({ ...demo, ...few, device: "wasm" }));
  const out = info.outputPath("report.json");
  await cli("quantize", "--recipe", file, "--out", out);
  const { units } = JSON.parse(readFileSync(out, "utf8")) as { units: { loss: { last: number } }[] };
  expect(report.units).toHaveLength(units.length);
  report.units.forEach(({ loss }: { loss: { last: number } }, i: number) => {
    expect(Math.abs(loss.last / (units[i]?.loss.last as number) - 1)).toBeLessThan(2e-3);
  });
});
