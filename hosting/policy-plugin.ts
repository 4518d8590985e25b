/** Puts the content security policy into the built page, for hosts that send no headers. `vite dev` injects styles and needs none. */
import type { Plugin } from "vite";
import { CONTENT_SECURITY_POLICY } from "../src/app/host/policy.ts";

export function policyPlugin(): Plugin {
  return {
    name: "content-security-policy",
    apply: "build",
    // Before any script or style that it is to govern.
    transformIndexHtml: () => [
      { tag: "meta", attrs: { "http-equiv": "Content-Security-Policy", content: CONTENT_SECURITY_POLICY }, injectTo: "head-prepend" },
    ],
  };
}
