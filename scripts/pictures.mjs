/**
 * Takes the pictures of the page that README and docs show, all anew: `npm run pictures`. It builds the page, serves it, runs the
 * demo once and looks at every view, light and dark, wide, on a projector and on a phone, in both languages.
 */
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { chromium } from "@playwright/test";
import { ensureBrowser } from "./browser.mjs";

const OUT = "docs/images";
const PORT = 5188;
const BASE = `http://localhost:${PORT}/`;

mkdirSync(OUT, { recursive: true });
spawnSync("npx", ["vite", "build", "--logLevel", "warn"], { stdio: "inherit" });
const server = spawn("npx", ["vite", "preview", "--port", String(PORT), "--strictPort"], { stdio: "ignore", detached: true });
const browser = await chromium.launch({ executablePath: ensureBrowser() || undefined, args: ["--no-sandbox", "--enable-unsafe-webgpu"] });

/** Opens the page in a window of a size, once it is served. */
async function open(query, [width, height], scheme = "light") {
  const page = await (await browser.newContext({ viewport: { width, height }, colorScheme: scheme })).newPage();
  for (let tries = 0; ; tries++) {
    try {
      await page.goto(`${BASE}${query}`);
      break;
    } catch (error) {
      if (tries > 50) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
  return page;
}

const shot = (page, name) => page.screenshot({ path: `${OUT}/${name}.png` });
const watched = (page) =>
  page
    .locator("[data-wrong]")
    .nth(11)
    .waitFor({ timeout: 120_000 })
    .then(() => page.locator('[data-wrong="true"]').first().waitFor({ timeout: 120_000 }));
const settled = (page) => page.locator('[role="status"][data-state="done"]').waitFor({ state: "attached", timeout: 600_000 });
const view = async (page, name, layer = null) => {
  await page.evaluate(
    ([to, of]) => {
      const query = new URLSearchParams(location.search);
      query.set("view", to);
      if (of) query.set("layer", of);
      history.pushState(null, "", `?${query}${location.hash}`);
      dispatchEvent(new PopStateEvent("popstate"));
    },
    [name, layer],
  );
  await page.waitForTimeout(2500);
};

try {
  const page = await open("?lang=en&theme=light", [1440, 900]);
  await watched(page);
  await shot(page, "quantize-before");
  await page.getByRole("banner").getByRole("button", { name: "Run", exact: true }).click();
  await page.locator('[data-curve="quantized"] circle').nth(4).waitFor({ timeout: 600_000 });
  await shot(page, "quantize-running");
  await settled(page);
  await page.waitForTimeout(1500);
  await shot(page, "quantize-done");
  await view(page, "inspect", "/layer2/layer2.0/conv1/Conv");
  await page.waitForTimeout(4000);
  await shot(page, "inspect");
  await view(page, "compare");
  await shot(page, "compare");
  await view(page, "precision");
  await shot(page, "precision");
  await view(page, "learn");
  await shot(page, "learn");
  await view(page, "quantize");
  await page.getByRole("banner").getByRole("button", { name: "Share" }).click();
  await page.waitForTimeout(1000);
  await shot(page, "share");
  for (const [name, query, size] of [
    ["quantize-dark", "?lang=en&theme=dark", [1440, 900]],
    ["quantize-ko", "?lang=ko&theme=light", [1440, 900]],
    ["quantize-projector", "?lang=en&theme=light&size=large", [1024, 768]],
    ["quantize-phone", "?lang=en&theme=dark", [390, 844]],
  ]) {
    const other = await open(query, size);
    await watched(other);
    await shot(other, name);
    await other.context().close();
  }
} finally {
  await browser.close();
  process.kill(-server.pid);
}
