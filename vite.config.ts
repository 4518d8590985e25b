/** The page's build. The two headers make it cross-origin isolated, which shared memory (threads) needs. */
import react from "@vitejs/plugin-react";
import { defineConfig, type UserConfig } from "vite";

const headers = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

const config: UserConfig = defineConfig({
  base: "./",
  plugins: [react()],
  worker: { format: "es" },
  build: { outDir: "dist/page", target: "es2023", chunkSizeWarningLimit: 1500 },
  server: { headers, port: 5173 },
  preview: { headers, port: 5173 },
});

export default config;
