/**
 * The page, cold: milliseconds until the demo's network stands on the screen, and from Run to the first point of a loss. A browser with an
 * empty profile opens the built page (`npm run build`) each time, and a person presses Run a few seconds later.
 */
import { existsSync } from "node:fs";
import { chromium, type Page } from "@playwright/test";
import { preview } from "vite";
import { findBrowser } from "../../scripts/browser.mjs";
import { median } from "../compare";
import type { Report } from "../result";

const SAMPLES = 5;
/** What a person takes to read the sentence above the network. */
const READING = 4000;

/** In the page, from its beginning: writes down the frame in which something first stands there. */
function watchFor(seen: { readonly name: string; readonly selector: string }[]): void {
  const look = () => {
    for (const { name, selector } of seen)
      if (document.querySelector(selector) && performance.getEntriesByName(name).length === 0) performance.mark(name);
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

const SEEN = [
  { name: "drawn", selector: '[data-node="unit:layer1.0"]' },
  { name: "loss", selector: '[data-row="loss"] path' },
];

const markOf = (page: Page, name: string) => page.evaluate((mark) => performance.getEntriesByName(mark)[0]?.startTime ?? 0, name);

async function once(address: string): Promise<{ drawn: number; loss: number }> {
  const browser = await chromium.launch({ executablePath: findBrowser() as string, args: ["--no-sandbox"] });
  try {
    const page = await browser.newPage();
    await page.addInitScript(watchFor, SEEN);
    await page.goto(address);
    await page.waitForFunction(() => performance.getEntriesByName("drawn").length > 0);
    await page.waitForTimeout(READING);
    const run = page.getByRole("banner").getByRole("button", { name: "Run", exact: true });
    await run.evaluate((button) => button.addEventListener("click", () => performance.mark("run"), { once: true }));
    await run.click();
    await page.waitForFunction(() => performance.getEntriesByName("loss").length > 0, null, { timeout: 120_000 });
    return { drawn: await markOf(page, "drawn"), loss: (await markOf(page, "loss")) - (await markOf(page, "run")) };
  } finally {
    await browser.close();
  }
}

export async function checkPage(report: Report): Promise<void> {
  if (!findBrowser() || !existsSync("dist/page/index.html")) {
    report.check("page: not measured, it needs a Chromium and the built page (npm run build)", 0);
    return;
  }
  const server = await preview({ preview: { port: 5189, strictPort: true }, logLevel: "error" });
  try {
    const samples: Awaited<ReturnType<typeof once>>[] = [];
    for (let i = 0; i < SAMPLES; i++) samples.push(await once("http://localhost:5189/"));
    report.check("page, cold: milliseconds until the demo's network is drawn", Math.round(median(samples.map(({ drawn }) => drawn))));
    report.check("page, cold: milliseconds from Run to the first point of a loss", Math.round(median(samples.map(({ loss }) => loss))));
  } finally {
    await server.close();
  }
}
