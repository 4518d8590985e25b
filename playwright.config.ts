import { defineConfig, type PlaywrightTestConfig } from "@playwright/test";
import { findBrowser } from "./scripts/browser.mjs";

const executablePath = findBrowser();

const config: PlaywrightTestConfig = defineConfig({
  testDir: "e2e",
  timeout: 240_000,
  expect: { timeout: 30_000 },
  // A page that runs computes on every core: two at a time took four times as long each.
  workers: 1,
  fullyParallel: false,
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
