/** Chromium over its own protocol and Firefox over WebDriver BiDi, both by puppeteer-core. */
import { existsSync } from "node:fs";
import { launch } from "puppeteer-core";
import { findBrowser } from "../browser.mjs";
import type { Browser, Driver } from "./driver";

const FIREFOX = ["/usr/bin/firefox-esr", "/usr/bin/firefox", "/Applications/Firefox.app/Contents/MacOS/firefox"];

async function start(browser: "chrome" | "firefox", executablePath: string, downloads: string): Promise<Driver> {
  const opened = await launch({
    browser,
    executablePath,
    headless: true,
    defaultViewport: null,
    ...(browser === "chrome"
      ? { args: ["--no-sandbox", "--no-first-run", "--disable-background-networking"] }
      : {
          extraPrefsFirefox: {
            "browser.download.dir": downloads,
            "browser.download.folderList": 2,
            "browser.download.useDownloadDir": true,
          },
        }),
    ...(browser === "chrome" ? { downloadBehavior: { policy: "allow" as const, downloadPath: downloads } } : {}),
  });
  const page = (await opened.pages())[0] ?? (await opened.newPage());
  return {
    version: await opened.version(),
    downloads,
    async open(address, [width, height]) {
      await page.setViewport({ width, height });
      // An address that differs in its fragment alone would not be loaded anew.
      await page.goto("about:blank");
      await page.goto(address);
    },
    evaluate: (expression) => page.evaluate(expression),
    click: (selector) => page.click(selector),
    async choose(selector, value) {
      await page.select(selector, value);
    },
    press: (key) => page.keyboard.press(key),
    async screenshot(path) {
      await page.screenshot({ path: path as `${string}.png` });
    },
    close: () => opened.close(),
  };
}

export const chromium: Browser = {
  title: "Chromium",
  missing: "Chromium or Chrome (Debian: chromium), or CHROMIUM_PATH as its place",
  path: findBrowser(),
  start: (path, folder) => start("chrome", path, folder),
};

export const firefox: Browser = {
  title: "Firefox",
  missing: "Firefox (Debian: firefox-esr)",
  path: FIREFOX.find((path) => existsSync(path)) ?? null,
  start: (path, folder) => start("firefox", path, folder),
};
