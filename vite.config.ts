/** The page's build and the servers that show it, with the headers that any host should send (src/app/host/policy.ts). */
import optimizeLocales from "@react-aria/optimize-locales-plugin";
import react from "@vitejs/plugin-react";
import { defineConfig, type UserConfig } from "vite";
import { firstFilesPlugin } from "./hosting/first-files-plugin.ts";
import { policyPlugin } from "./hosting/policy-plugin.ts";
import { serviceWorkerPlugin } from "./hosting/service-worker-plugin.ts";
import { HEADERS, ISOLATION_HEADERS } from "./src/app/host/policy.ts";

/** One file for all that the page starts with and one for its first view: eighty small ones took a second longer to come. */
const FILES = [
  { name: "start", test: /worker[\\/]start\.ts$/, priority: 2 },
  { name: "first", tags: ["$initial"] as "$initial"[], priority: 1 },
  { name: "workbench", test: /app[\\/](recipe[\\/]recipe-panel|views[\\/]quantize[\\/]index)\.tsx$/ },
];

const FIRST = {
  early: "src/session/worker/start.ts",
  // Most people's language; the others wait for theirs as before.
  preload: /app[\\/](recipe[\\/]recipe-panel\.tsx|i18n[\\/]en[\\/](shell|quantize|recipe)\.json)$/,
};

/** The two scripts that the document itself names: they have run by the time anything is imported, and Firefox reports a preload of them as failed. */
const STARTED = /(^|\/)(index|start)-[^/]*\.js$/;

const config: UserConfig = defineConfig({
  base: "./",
  // React Aria brings its few words in thirty languages; the page has two.
  plugins: [
    react(),
    { ...optimizeLocales.vite({ locales: ["en-US", "ko-KR"] }), enforce: "pre" },
    policyPlugin(),
    firstFilesPlugin(FIRST),
    serviceWorkerPlugin(),
  ],
  worker: { format: "es", rolldownOptions: { output: { codeSplitting: { groups: [{ name: "draw", test: /worker[\\/]serve\.ts$/ }] } } } },
  build: {
    outDir: "dist/page",
    target: "es2023",
    chunkSizeWarningLimit: 1500,
    modulePreload: { resolveDependencies: (_, files, { hostType }) => (hostType === "js" ? files.filter((file) => !STARTED.test(file)) : files) },
    rolldownOptions: { output: { codeSplitting: { groups: FILES } } },
  },
  // Not the port of the preview, whose service worker would answer for it.
  server: { headers: ISOLATION_HEADERS, port: 5174 },
  preview: { headers: HEADERS, port: 5173 },
});

export default config;
