/**
 * Puts the content security policy into the built page, for hosts that send no headers, and all headers into a file `_headers`, which
 * Netlify, Cloudflare Pages and others read. `vite dev` injects styles and needs no policy.
 */
import type { Plugin } from "vite";
import { CONTENT_SECURITY_POLICY, HEADERS } from "../src/app/host/policy.ts";

export function policyPlugin(): Plugin {
  return {
    name: "content-security-policy",
    apply: "build",
    // Before any script or style that it is to govern.
    transformIndexHtml: () => [
      { tag: "meta", attrs: { "http-equiv": "Content-Security-Policy", content: CONTENT_SECURITY_POLICY }, injectTo: "head-prepend" },
    ],
    generateBundle() {
      const lines = Object.entries(HEADERS).map(([name, value]) => `  ${name}: ${value}`);
      const source = ["/*", ...lines, "/assets/*", "  Cache-Control: public, max-age=31536000, immutable", ""].join("\n");
      this.emitFile({ type: "asset", fileName: "_headers", source });
    },
  };
}
