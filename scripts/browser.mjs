/**
 * Finds a Chromium for the page's tests: one that is named, Playwright's own, or the system's. Installs
 * Playwright's only where there is none.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { chromium } from "@playwright/test";

const SYSTEM = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** Path of a Chromium, or null. */
export function findBrowser() {
  return [process.env.CHROMIUM_PATH, chromium.executablePath(), ...SYSTEM].find((path) => path && existsSync(path)) ?? null;
}

export function ensureBrowser() {
  const found = findBrowser();
  if (found) return found;
  console.log("No Chromium found; installing Playwright's.");
  spawnSync("npx", ["playwright", "install", "chromium"], { stdio: "inherit" });
  const installed = findBrowser();
  if (!installed) throw new Error("No Chromium could be installed; install one and set CHROMIUM_PATH to it.");
  return installed;
}

if (process.argv[1]?.endsWith("scripts/browser.mjs")) console.log(execFileSync(ensureBrowser(), ["--version"]).toString().trim());
