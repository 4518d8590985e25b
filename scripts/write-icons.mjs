/**
 * Draws the installed lab's icons from public/icons/icon.svg: `node scripts/write-icons.mjs`. A maskable one fills its square and keeps its
 * bars in the middle four fifths, which no mask cuts; iOS rounds its own.
 */
import { readFileSync } from "node:fs";
import { chromium } from "@playwright/test";
import { ensureBrowser } from "./browser.mjs";

const OUT = "public/icons";
const ICONS = [
  ["icon-192", 192, "any"],
  ["icon-512", 512, "any"],
  ["maskable-192", 192, "full"],
  ["maskable-512", 512, "full"],
  ["apple-touch", 180, "full"],
];

const [, ground, bars] = /fill="([^"]+)" d="([^"]+)"/.exec(readFileSync(`${OUT}/icon.svg`, "utf8"));

/** White bars on their own blue. */
const drawn = (kind) => `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" width="100%" height="100%" style="display: block">
  <rect width="64" height="64" rx="${kind === "full" ? 0 : 13}" fill="${ground}"/>
  <path transform="translate(${kind === "full" ? "17 17" : "12 12"}) scale(${kind === "full" ? 1.875 : 2.5})" fill="#ffffff" d="${bars}"/>
</svg>`;

const browser = await chromium.launch({ executablePath: ensureBrowser() || undefined, args: ["--no-sandbox"] });
for (const [name, size, kind] of ICONS) {
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  await page.setContent(`<body style="margin: 0">${drawn(kind)}`);
  await page.screenshot({ path: `${OUT}/${name}.png`, omitBackground: true });
  await page.close();
}
await browser.close();
