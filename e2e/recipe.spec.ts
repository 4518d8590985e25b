/** The recipe panel: what is in sight, the ways back, files good and bad, and what stands between a person and Run. */
import AxeBuilder from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";
import { encode } from "fast-png";
import { zipSync } from "fflate";

async function open(page: Page, query = "lang=en"): Promise<void> {
  await page.goto(`/?${query}`);
  await expect(page.getByRole("radiogroup", { name: /Weight bits|가중치 비트/ })).toBeVisible();
  await expect(page.locator('[role="status"][data-state]')).toHaveAttribute("data-state", "ready");
}

const section = (page: Page, name: string | RegExp) => page.locator("form").getByRole("button", { name });
const run = (page: Page) => page.getByRole("banner").getByRole("button", { name: "Run", exact: true });
const alerts = (page: Page) => page.getByRole("alert").filter({ hasText: /\S/ });

const picture = (size: number) => encode({ width: size, height: size, channels: 3, data: new Uint8Array(size * size * 3).fill(90) });
const zip = (name: string, size: number) => ({
  name,
  mimeType: "application/zip",
  buffer: Buffer.from(zipSync(Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`${i % 2}/${i}.png`, picture(size)])))),
});

test("few controls stand between a person and Run, and every change finds its way back", async ({ page }) => {
  await open(page);
  let stops = 0;
  for (; stops < 10; stops++) {
    await page.keyboard.press("Tab");
    if (await run(page).evaluate((button) => button === document.activeElement)) break;
  }
  expect(stops).toBeLessThan(3);

  await page.getByRole("radiogroup", { name: "Weight bits" }).getByText("4", { exact: true }).click();
  await page.getByRole("button", { name: "Back to the default, 2 bit" }).click();
  await expect(page.getByRole("radiogroup", { name: "Weight bits" }).getByRole("radio", { name: "2" })).toBeChecked();

  await expect(section(page, /^Reconstruction/)).toContainText("squared error · 250 iterations a unit · rate 0.2");
  await section(page, /^Reconstruction/).click();
  await page.getByLabel("Iterations", { exact: true }).fill("300");
  await page.getByLabel("Batch size").fill("16");
  await expect(section(page, /^Reconstruction/)).toContainText("2 changed");
  await expect(page.getByRole("radiogroup", { name: "Effort" }).getByRole("radio", { name: "custom" })).toBeChecked();
  await page.getByRole("button", { name: "This section back to its defaults" }).click();
  await expect(page.getByLabel("Iterations", { exact: true })).toHaveValue("250");

  await section(page, /^Weights/).click();
  await page.getByLabel("Common width").first().selectOption({ label: "5 bit" });
  await expect(page.getByRole("radiogroup", { name: "Weight bits" }).getByRole("radio", { name: "5" })).toBeChecked();
  await page.getByRole("button", { name: "All settings back to their defaults" }).click();
  await expect(page.getByRole("button", { name: "All settings back to their defaults" })).toHaveCount(0);
});

test("an invalid number keeps Run from running with the old one", async ({ page }) => {
  await open(page);
  await section(page, /^Advanced/).click();
  await page.getByLabel("Seed", { exact: true }).fill("one");
  await expect(page.getByText("Expected an integer from 0 to 4294967295.")).toBeVisible();
  await expect(run(page)).toBeDisabled();
  await page.getByLabel("Seed", { exact: true }).fill("1");
  await expect(run(page)).toBeEnabled();
});

test("a wrong file leaves the good one and says why at its field; images that only need a resize stay", async ({ page }) => {
  await open(page);
  await section(page, /^Network and data/).click();
  const images = page.locator("input[data-role=calibration]");
  await images.setInputFiles(zip("good.zip", 32));
  await expect(page.locator("[data-role=calibration]").getByText("good.zip", { exact: true })).toBeVisible();
  await expect(page.getByRole("figure", { name: "The first calibration images as the network will see them" })).toBeVisible();
  await images.setInputFiles({ name: "cut.tar.gz", mimeType: "", buffer: Buffer.from([0x1f, 0x8b, 8, 0]) });
  await expect(page.getByText("cut.tar.gz was not taken; what stood here before still does.")).toBeVisible();
  await expect(alerts(page).first()).toContainText("cut.tar.gz is not a readable gzip file");
  await expect(page.locator("[data-role=calibration]").getByText("good.zip", { exact: true })).toBeVisible();

  await images.setInputFiles(zip("large.zip", 48));
  await expect(page.getByText("The network cannot take the calibration images yet:")).toBeVisible();
  await page.getByRole("button", { name: "Resize and crop to 32x32" }).click();
  await expect(page.getByRole("figure", { name: "The first calibration images as the network will see them" })).toBeVisible();
  await expect(page.locator("[data-role=calibration]").getByText("large.zip", { exact: true })).toBeVisible();

  // The network too.
  await page.locator("input[data-role=model]").setInputFiles({ name: "net.pth", mimeType: "", buffer: Buffer.from([0x80, 2, 0x8a, 10]) });
  await expect(page.getByText("net.pth was not taken")).toBeVisible();
  await expect(page.locator("[data-role=model]").getByText("ResNet-14 on shapes").first()).toBeVisible();
});

test("a network of one's own: its preprocessing is an assumption that is said, and test images of one's own show the form", async ({ page }) => {
  await open(page);
  await section(page, /^Network and data/).click();
  await page.locator("input[data-role=evaluation]").setInputFiles(zip("test.zip", 32));
  await expect(page.getByLabel("Normalization")).toBeVisible();
  await expect(page.getByRole("figure", { name: "The first test images as the network will see them" })).toBeVisible();
  await expect(page.getByLabel("Mean")).toHaveValue("0.5, 0.5, 0.5");
  await page.locator("input[data-role=model]").setInputFiles("public/demo/shapes-regnet.onnx");
  await expect(page.getByText("shapes-regnet.onnx does not say how its pictures were prepared")).toBeVisible();
  await expect(page.getByLabel("Mean")).toHaveValue("0");
  await expect(run(page)).toBeDisabled();
  await page.getByRole("button", { name: "Use the built-in images after all" }).click();
  await page.getByRole("button", { name: "Pixels from 0 to 1 are right" }).click();
  await expect(page.getByText("does not say how its pictures were prepared")).toHaveCount(0);
  await expect(run(page)).toBeEnabled();
});

test("an address hides sections, and a phone has the recipe in a drawer; axe finds nothing in either language", async ({ page }) => {
  await open(page, "lang=en&hide=data,advanced,goal");
  await expect(section(page, /^Network and data/)).toHaveCount(0);
  await expect(section(page, /^Advanced/)).toHaveCount(0);
  await expect(section(page, /^Weights/)).toBeVisible();
  await expect(page.getByRole("radiogroup", { name: "Settings or a goal" })).toHaveCount(0);
  for (const [query, name] of [
    ["lang=en", "Recipe"],
    ["lang=ko&theme=dark", "레시피"],
  ] as const) {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto(`/?${query}`);
    await page.getByRole("button", { name, exact: true }).click();
    const form = page.getByRole("dialog").locator("form");
    for (const title of await form.getByRole("heading", { level: 3 }).all()) await title.getByRole("button").click();
    const found = await new AxeBuilder({ page }).include("[role=dialog]").analyze();
    expect(found.violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
    const narrow = await form
      .locator("button, input, select")
      .evaluateAll(
        (all) =>
          all.filter(
            (one) =>
              (one as HTMLElement).offsetParent !== null && one.getBoundingClientRect().height < 24 && (one as HTMLInputElement).type !== "radio",
          ).length,
      );
    expect(narrow).toBe(0);
    expect(await form.evaluate((one) => one.scrollWidth <= one.clientWidth)).toBe(true);
  }
});
