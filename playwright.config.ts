import { defineConfig, type PlaywrightTestConfig } from "@playwright/test";
import { findBrowser } from "./scripts/browser.mjs";

const executablePath = findBrowser();

/** What measures the page's time, with nothing beside it. */
const ALONE = /replay\.spec/;

const config: PlaywrightTestConfig = defineConfig({
  testDir: "e2e",
  timeout: 240_000,
  // Two files at a time on two cores: what waits for the other's work may wait long.
  expect: { timeout: 30_000 },
  workers: 2,
  fullyParallel: false,
  projects: [
    { name: "pages", testIgnore: ALONE },
    { name: "alone", testMatch: ALONE, dependencies: ["pages"] },
  ],
  outputDir: "test-results/pages",
  snapshotPathTemplate: "{testDir}/pictures/{arg}{ext}",
  use: {
    baseURL: "http://localhost:5199",
    // Tests of hosting allow it (static.spec.ts); all others ask the server itself.
    serviceWorkers: "block",
    permissions: ["clipboard-read", "clipboard-write"],
    launchOptions: {
      ...(executablePath ? { executablePath } : {}),
      args: [
        "--no-sandbox",
        "--enable-unsafe-webgpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        // Without a GPU the page is drawn by the processor: straight away, not through the software that stands in for a GPU.
        "--disable-gpu-compositing",
      ],
    },
  },
  webServer: { command: "npx vite preview --port 5199 --strictPort", url: "http://localhost:5199", reuseExistingServer: !process.env.CI },
});

export default config;
