/** axe finds nothing on any view, in either theme and language, on a wide screen, a projector and a phone. */
import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";
import { openRecipe, runToEnd, SHORT } from "./support";

const VIEWS = ["quantize", "compare", "precision", "inspect", "learn"] as const;
const SIZES = { wide: [1440, 900], projector: [1024, 768], phone: [390, 844] } as const;

for (const [size, [width, height]] of Object.entries(SIZES))
  test(`every view is accessible, ${size}`, async ({ page }) => {
    await page.setViewportSize({ width, height });
    const found: string[] = [];
    for (const language of ["en", "ko"] as const)
      for (const theme of ["light", "dark"] as const) {
        // Two looks a size, and all four of theme and language between the sizes: axe takes five seconds a view. AXE_ALL=1 has them all.
        if (!process.env.AXE_ALL && (size === "wide") === ((language === "ko") === (theme === "dark"))) continue;
        await openRecipe(page, { ...SHORT, iterations: 2 }, `?lang=${language}&theme=${theme}${size === "projector" ? "&size=large" : ""}`);
        for (const view of VIEWS) {
          await page.evaluate((name) => {
            const query = new URLSearchParams(location.search);
            query.set("view", name);
            history.pushState(null, "", `?${query}${location.hash}`);
            dispatchEvent(new PopStateEvent("popstate"));
          }, view);
          await expect(page.locator("main")).not.toBeEmpty();
          await page.waitForTimeout(300);
          await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
          found.push(...(await violations(page, `${view}, ${language}, ${theme}, ${size}`)));
        }
      }
    expect(found).toEqual([]);
  });

test("a finished run is accessible too, with its tabs and dialogs", async ({ page }) => {
  await openRecipe(page, { ...SHORT, iterations: 2 });
  await runToEnd(page);
  const found: string[] = [];
  for (const tab of await page.getByRole("main").getByRole("tab").all()) {
    await tab.click();
    await page.waitForTimeout(200);
    found.push(...(await violations(page, `tab ${await tab.textContent()}`)));
  }
  for (const name of ["Share", "Appearance and language"]) {
    await page.getByRole("banner").getByRole("button", { name }).click();
    await expect(page.getByRole("dialog")).toBeVisible();
    found.push(...(await violations(page, name)));
    await page.keyboard.press("Escape");
  }
  expect(found).toEqual([]);
});

async function violations(page: Page, what: string): Promise<string[]> {
  const { violations: found } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
  return found.map(({ id, nodes }) => `${what}: ${id} at ${nodes.map(({ html }) => html.slice(0, 160)).join(" | ")}`);
}
