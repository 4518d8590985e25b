/** The page's build and the servers that show it, with the headers that any host should send (src/app/host/policy.ts). */
import optimizeLocales from "@react-aria/optimize-locales-plugin";
import react from "@vitejs/plugin-react";
import { defineConfig, type UserConfig } from "vite";
import { policyPlugin } from "./hosting/policy-plugin.ts";
import { serviceWorkerPlugin } from "./hosting/service-worker-plugin.ts";
import { HEADERS, ISOLATION_HEADERS } from "./src/app/host/policy.ts";

const config: UserConfig = defineConfig({
  base: "./",
  // React Aria brings its few words in thirty languages; the page has two.
  plugins: [react(), { ...optimizeLocales.vite({ locales: ["en-US", "ko-KR"] }), enforce: "pre" }, policyPlugin(), serviceWorkerPlugin()],
  worker: { format: "es" },
  build: { outDir: "dist/page", target: "es2023", chunkSizeWarningLimit: 1500 },
  // Not the port of the preview, whose service worker would answer for it.
  server: { headers: ISOLATION_HEADERS, port: 5174 },
  preview: { headers: HEADERS, port: 5173 },
});

export default config;
