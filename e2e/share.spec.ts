/** A result shared from one profile and opened in another: its numbers before anything runs, the same bits, and what is missing or was changed. */
import { readFileSync, writeFileSync } from "node:fs";
import { type Browser, expect, type Locator, type Page, test } from "@playwright/test";
import { decode } from "fast-png";
import { deflateSync } from "fflate";
import jsQR from "jsqr";
import { demoRecipe } from "../src/session/recipe/defaults";
import type { Recipe } from "../src/session/recipe/recipe";
import { parseRecipe } from "../src/session/recipe/schema";
import { writeLink } from "../src/session/share/link";
import { sharedRecipe } from "../src/session/share/shared";
import { cli, openLab, runToEnd, status } from "./support";

/** The demo with fewer steps and images. */
const demo = demoRecipe();
const SHORT = parseRecipe(
  {
    ...demo,
    ...{ calibration: { ...demo.calibration, count: 32 }, evaluation: { ...demo.evaluation, count: 64 } },
    ...{ iterations: 5, learningRate: 0.3, batch: 8, device: "wasm" },
  },
  "short",
);
const fragment = (recipe: Recipe) => new URL(writeLink("http://lab/", sharedRecipe(recipe, 2), null)).hash;
const shared = (page: Page) => page.getByRole("region", { name: "Shared result" });

/** Runs the short recipe and gives the link that the dialog shows. */
async function linkOfRun(page: Page): Promise<string> {
  await openLab(page, fragment(SHORT));
  await expect(shared(page)).toContainText("The link holds settings for shapes-resnet14 and no result", { timeout: 30_000 });
  await runToEnd(page);
  await page.getByRole("button", { name: "Share", exact: true }).click();
  return page.getByTestId("link").inputValue();
}

/** A profile of its own. */
async function elsewhere(browser: Browser): Promise<Page> {
  return (await browser.newContext()).newPage();
}

async function drop(page: Page, files: readonly { readonly name: string; readonly bytes: Buffer }[]): Promise<void> {
  const list = files.map(({ name, bytes }) => ({ name, base64: bytes.toString("base64") }));
  const data = await page.evaluateHandle((given) => {
    const transfer = new DataTransfer();
    for (const { name, base64 } of given) transfer.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], name));
    return transfer;
  }, list);
  for (const type of ["dragenter", "dragover", "drop"]) await page.dispatchEvent("body", type, { dataTransfer: data });
}

async function reproduced(page: Page, button: Locator): Promise<void> {
  await button.click();
  await expect(page.locator("[data-outcome]")).toHaveAttribute("data-outcome", "reproduced", { timeout: 200_000 });
}

test("from one profile to another and to the command line, the same bits", async ({ page, browser }) => {
  const link = await linkOfRun(page);
  expect(link.length).toBeLessThan(500);
  const other = await elsewhere(browser);
  await other.goto(link);
  // The numbers are there before anything has run.
  await expect(other.getByTestId("shared-accuracy")).toContainText("%");
  await expect(shared(other)).toContainText("64 test images");
  await reproduced(other, other.getByRole("button", { name: "Reproduce it" }));
  const { code, stdout } = await cli("verify", link);
  expect([code, stdout]).toEqual([0, expect.stringContaining("Reproduced: accuracy, every unit's loss and every rounding decision are the same.")]);
});

test("the QR code is the link; what a class sees is in the address", async ({ page, browser }) => {
  await openLab(page, fragment(SHORT));
  await expect(status(page)).toHaveAttribute("data-state", "ready");
  await page.getByRole("button", { name: "Share", exact: true }).click();
  await expect(page.getByText("Nothing has run yet")).toBeVisible();
  await page.getByRole("button", { name: "For a class: what the link shows" }).click();
  await page.getByText("The whole recipe").click();
  await page.getByText("Keep to this view").click();
  await page.getByLabel("Language", { exact: true }).selectOption("ko");
  await page.getByLabel("Theme", { exact: true }).selectOption("dark");
  const link = await page.getByTestId("link").inputValue();
  expect(new URL(link).search).toBe("?lock=quantize&hide=recipe&theme=dark&lang=ko");
  await page.getByRole("button", { name: "Fill the screen" }).click();
  const { width, height, data, channels } = decode(await page.getByRole("dialog").last().getByRole("img").screenshot());
  const pixels = Uint8ClampedArray.from({ length: width * height * 4 }, (_, i) =>
    i % 4 === 3 ? 255 : (data[(i >> 2) * channels + (i % 4)] as number),
  );
  expect(jsQR(pixels, width, height)?.data).toBe(link);
  const other = await elsewhere(browser);
  await other.goto(link);
  await expect(other.locator("html")).toHaveAttribute("data-theme", "dark");
  await expect(other.locator("html")).toHaveAttribute("lang", "ko");
  await expect(other.getByRole("region", { name: "공유된 결과" })).toBeVisible();
  await expect(other.getByRole("navigation").getByRole("link")).toHaveCount(1);
  await expect(other.getByRole("complementary", { name: "설정" })).toHaveCount(0);
});

test("links of earlier forms open, and a damaged one says so", async ({ page }) => {
  const old = `#lab=${Buffer.from(deflateSync(new TextEncoder().encode(JSON.stringify({ recipe: SHORT, fingerprint: null, arithmetic: 2 })))).toString("base64url")}`;
  await openLab(page, old);
  await expect(shared(page)).toContainText("5 iterations each");
  await page.goto("about:blank");
  await openLab(page, new URL(readFileSync("tests/versions/v1/link.txt", "utf8")).hash);
  await expect(shared(page)).toContainText("an earlier form");
  await page.goto("about:blank");
  await openLab(page, "#share=damaged");
  // The demo takes its place, and the word on the link stays to be read.
  await expect(status(page)).toHaveAttribute("data-state", "ready");
  await expect(page.getByRole("alert")).toContainText("incomplete or damaged");
});

test("missing files are asked for all at once, by name and hash, and dropped together", async ({ page }) => {
  const recipe = parseRecipe(
    {
      ...SHORT,
      model: { kind: "file", name: "net.onnx", sha256: "ab".repeat(32) },
      evaluation: { kind: "files", name: "test.zip", from: "https://example.com/test.zip" },
    },
    "missing",
  );
  await openLab(page, fragment(recipe));
  await expect(shared(page)).toContainText("net.onnx sha256 abababababab");
  await expect(shared(page).getByRole("button", { name: "Fetch test.zip from example.com" })).toBeVisible();
  await expect(shared(page).getByRole("button", { name: /reproduce|Run these/i })).toBeDisabled();
  await drop(page, [{ name: "net.onnx", bytes: readFileSync("public/demo/shapes-resnet14.onnx") }]);
  await expect(page.getByRole("alert")).toContainText("is not the file that the recipe was made with");
});

test("an exported file brings its settings back, is verified, and a changed one is told", async ({ page }, info) => {
  const [recipe, exported] = [info.outputPath("recipe.json"), info.outputPath("net.onnx")];
  writeFileSync(recipe, JSON.stringify(SHORT));
  expect((await cli("quantize", "--recipe", recipe, "--export", exported, "--no-proof")).code).toBe(0);
  const bytes = readFileSync(exported);
  await openLab(page);
  await expect(status(page)).toHaveAttribute("data-state", "ready");
  await drop(page, [{ name: "net.onnx", bytes }]);
  await page.getByRole("button", { name: "Take its settings and verify it" }).click();
  await expect(shared(page)).toContainText("A result from net.onnx");
  await reproduced(page, page.getByRole("button", { name: "Reproduce it" }));
  await expect(page.locator("[data-weights]")).toHaveAttribute("data-weights", "same");
  const changed = Buffer.from(bytes);
  changed[5000] = (changed[5000] as number) ^ 1;
  await drop(page, [{ name: "changed.onnx", bytes: changed }]);
  await page.getByRole("button", { name: "Take its settings and verify it" }).click();
  await reproduced(page, page.getByRole("button", { name: "Reproduce it" }));
  await expect(page.locator("[data-weights]")).toHaveAttribute("data-weights", "other");
});
